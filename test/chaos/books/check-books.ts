import type { Client } from '@temporalio/client';
import { Client as PostgresClient } from 'pg';
import type { Ledger } from '../../../src/emulator/ledger.js';
import type { EndedRun } from '../runs/end-of-run.js';
import { checkMoney, type Money } from './check-money.js';
import { checkRows } from './check-rows.js';
import { findOwner, leftInDoubt, strangersFollowed, type Paid } from './owners.js';

export interface Books extends Money {
  /** Executions whose rows are not in the table exactly once. */
  readonly wrongRows: readonly string[];
  /** Executions of other people that we have followed. */
  readonly strangers: readonly string[];
}

/** Holds the service's ledger, the workflows and the tables against each other. */
export async function checkBooks(
  runs: readonly EndedRun[],
  { executions }: Ledger,
  client: Client,
  taskQueue: string,
  databaseUrl: string,
): Promise<Books> {
  const paid: Paid[] = [];
  for (const execution of executions) paid.push(await findOwner(client, execution));
  const postgres = new PostgresClient(databaseUrl);
  await postgres.connect();
  try {
    const wrongRows = await checkRows(runs, paid, postgres);
    const money = checkMoney(runs, paid, await leftInDoubt(client, taskQueue));
    return { ...money, wrongRows, strangers: await strangersFollowed(client, taskQueue, executions) };
  } finally {
    await postgres.end();
  }
}
