import type { AppliedRows } from '../load-receipt.js';
import type { Load } from '../store.js';
import { appendRows, replaceRows } from './apply-rows.js';
import type { CheckedTable, TargetColumn } from './check-table.js';
import type { Session } from './connection.js';
import type { CopiedRows } from './copy-rows.js';
import { mergeRows } from './merge-rows.js';
import { knownRun, stagedProvenance } from './staging-table.js';
import type { TableName } from './table-name.js';

export interface LoadPlan extends CheckedTable {
  readonly name: TableName;
  /** The load's, with the types that the table has for them. */
  readonly columns: readonly TargetColumn[];
}

/**
 * Brings the rows of `titan_load` into their table.
 *
 * @param isContinued the load's first rows are in the table already
 */
export function applyRows(
  session: Session,
  load: Load,
  { name, columns, existing, record }: LoadPlan,
  copied: CopiedRows,
  isContinued = false,
): Promise<AppliedRows> {
  const { publication } = load;
  const provenance = stagedProvenance(knownRun(load));
  if (publication.mode === 'append' || (publication.mode === 'replace' && isContinued)) {
    return appendRows(session, name, columns, provenance, copied);
  }
  if (publication.mode === 'replace') {
    return replaceRows(session, name, columns, provenance, copied);
  }
  const lapsed = (record?.columns ?? []).filter((written) => !columns.some((column) => column.name === written));
  const target = {
    name,
    columns,
    key: publication.key ?? [],
    lapsed,
    provenance,
    isNew: existing === undefined && !isContinued,
  };
  return mergeRows(session, target, copied);
}
