import type { Client as PostgresClient } from 'pg';
import type { EndedRun } from '../runs/end-of-run.js';
import { TABLES, type Table } from '../runs/tables.js';
import type { Paid } from './owners.js';

interface Loaded {
  readonly execution: string;
  readonly rows: number;
  readonly different: number;
}

/** Executions whose rows are not in their table once and whole. */
export async function checkRows(
  runs: readonly EndedRun[],
  paid: readonly Paid[],
  postgres: PostgresClient,
): Promise<string[]> {
  const tables = new Map<Table, ReadonlyMap<string, Loaded>>();
  for (const table of TABLES) tables.set(table, await rowsIn(table, postgres));
  const problems = [...tables].flatMap(([table, loaded]) =>
    [...loaded.values()]
      .filter(({ rows, different }) => rows !== different)
      .map(
        ({ execution, rows, different }) => `${execution}: ${rows} rows in ${table}, ${different} of them different`,
      ),
  );
  return [...problems, ...paid.flatMap((one) => wrong(one, runs, tables))];
}

function wrong(
  { execution, unit = '' }: Paid,
  runs: readonly EndedRun[],
  tables: ReadonlyMap<Table, ReadonlyMap<string, Loaded>>,
): string[] {
  const run = runs.find(({ wanted: { workflowId } }) => unit === workflowId || unit.startsWith(`${workflowId}/`));
  const table = run?.wanted.tableOf(unit);
  if (!run || table === undefined || execution.status !== 'completed') return [];
  const found = tables.get(table)?.get(execution.id)?.different ?? 0;
  const { rows } = run.wanted;
  // Where the run has ended otherwise it is all or nothing.
  if (found === rows || (found === 0 && run.end !== 'completed')) return [];
  return [`${execution.id}: ${found} rows of ${rows} in ${table} (${run.wanted.kind}, ${unit})`];
}

async function rowsIn(table: Table, postgres: PostgresClient): Promise<ReadonlyMap<string, Loaded>> {
  const { rows: exists } = await postgres.query('SELECT 1 FROM pg_tables WHERE tablename = $1', [table]);
  if (exists.length === 0) return new Map();
  const { rows } = await postgres.query<Loaded>(
    `SELECT lower(_titan_execution) AS execution, count(*)::int AS rows, count(DISTINCT _titan_row)::int AS different FROM ${table} GROUP BY 1`,
  );
  return new Map(rows.map((row) => [row.execution, row]));
}
