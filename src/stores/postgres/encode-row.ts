import type { Column, ColumnType, Row } from '../../domain/rows.js';
import { rowDigits } from '../row-digits.js';
import type { Load } from '../store.js';
import { UnfitCell } from './cell-text.js';
import type { TargetColumn } from './check-table.js';
import { CELL_COPIERS, PLAIN_CELL_COPIERS, type CellCopier } from './copy-cell.js';
import { copyField } from './copy-text.js';

/** Makes the line of a row for a COPY, or tells why the table cannot hold it. */
export type RowEncoder = (row: Row) => string | { readonly unfit: string };

/**
 * @param types the table's
 * @param columns as the rows have them: where the table's types are the same, plain cells need no look
 * @param run where the table knows it
 */
export function createRowEncoder(
  types: readonly TargetColumn[],
  columns: readonly Column[],
  run: Pick<Load, 'run' | 'at'> | undefined,
): RowEncoder {
  const areSame = types.every(({ type }, position) => type === columns[position]?.type);
  const copiers = types.map((type, position) => copierOf(type, columns[position], CELL_COPIERS));
  const plainCopiers = areSame
    ? types.map((type, position) => copierOf(type, columns[position], PLAIN_CELL_COPIERS))
    : copiers;
  const missing = types.map(({ notNull }) => (notNull === true ? refuseNull : () => NULL_FIELD));

  function provenanceOf({ execution, row, at }: Row): string {
    if (!run) return `${copyField(execution)}\t${rowDigits(row)}\t${at}\n`;
    if (execution !== run.run || at !== run.at)
      throw new Error(`row ${row} is not of run ${run.run}, but of ${execution}`);
    return `${rowDigits(row)}\n`;
  }

  return (row) => {
    const { cells, isPlain } = row;
    let line = '';
    let position = 0;
    try {
      for (const copy of isPlain === true ? plainCopiers : copiers) {
        const raw = cells[position];
        line += raw === undefined ? missing[position]?.() : `${copy(raw)}\t`;
        position += 1;
      }
    } catch (error) {
      if (error instanceof UnfitCell) {
        return { unfit: `${JSON.stringify(types[position]?.name)} ${error.message}` };
      }
      throw error;
    }
    return `${line}${provenanceOf(row)}`;
  };
}

function copierOf(
  { type, target, notNull }: TargetColumn,
  from: Column | undefined,
  own: Readonly<Record<ColumnType, CellCopier>>,
): CellCopier {
  const given = from?.type ?? type;
  const copy: CellCopier = target ? (raw) => copyField(raw === 'null' ? null : target.textOf(raw, given)) : own[type];
  return notNull === true ? (raw) => (raw === 'null' ? refuseNull() : copy(raw)) : copy;
}

function refuseNull(): never {
  throw new UnfitCell('is null, which the column must not be');
}

const NULL_FIELD = `${copyField(null)}\t`;
