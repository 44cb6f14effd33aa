import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { PublishMode } from '../../src/domain/run.js';
import { createRandom } from '../../src/emulator/random.js';
import { areSame, createBooks, type Holdings } from './books.js';
import { startKillablePostgres } from './killable-postgres.js';
import { refusedOf, startLoader, tableSql, type LoaderJob } from './loader.js';

export interface KillLoadsOptions {
  readonly kills: number;
  readonly seed: number;
  readonly rows: number;
  readonly say: (line: string) => void;
}

export interface KillLoadsReport {
  /** Of loading processes, and of the server, which starts again or whose place a standby takes. */
  readonly kills: { readonly loader: number; readonly server: number; readonly failover: number };
  /** How often the killed load had not been committed, and how often it had. */
  readonly found: { readonly before: number; readonly complete: number };
  /** How often a load gave up because another session had locked its table. */
  readonly locked: number;
  readonly problems: readonly string[];
}

type Victim = 'loader' | 'server' | 'failover';

const MODES = ['append', 'merge', 'replace'] as const;

/**
 * Kills loads at random moments, half of them by killing the server: it starts again, or a
 * standby takes its place after a while. After each kill the table must be as before or
 * complete; then the load is repeated until it is published, and once more. Each load has rows that only the table refuses,
 * and some find their table locked.
 */
export async function killLoads({ kills, seed, rows, say }: KillLoadsOptions): Promise<KillLoadsReport> {
  const random = createRandom(seed);
  const postgres = await startKillablePostgres();
  const books = createBooks(() => postgres.current, rows);
  const killed = { loader: 0, server: 0, failover: 0 };
  const found = { before: 0, complete: 0 };
  let locked = 0;
  const problems: string[] = [];
  /** How long a load of each kind takes when it is left alone, milliseconds. */
  const usual = new Map<PublishMode, number>();

  async function expectOneOf(mode: PublishMode, what: string, ...allowed: readonly Holdings[]): Promise<number> {
    const held = await books.read(mode);
    const index = allowed.findIndex((holdings) => areSame(holdings, held));
    if (index === -1) problems.push(`${what}: ${JSON.stringify(held)}, not ${JSON.stringify(allowed)}`);
    return index;
  }

  async function publish(job: LoaderJob): Promise<void> {
    const began = performance.now();
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const said = await startLoader(job).ended;
      if (said === `published ${rows - refusedOf(rows)}, rejected ${refusedOf(rows)}`) {
        if (!usual.has(job.mode)) usual.set(job.mode, performance.now() - began);
        return;
      }
      if (said.startsWith('unavailable: ') && said.includes('lock of')) locked += 1;
      if (!said.startsWith('unavailable: ')) problems.push(`${job.run}: ${said}`);
      await sleep(200);
    }
    problems.push(`${job.run}: was never published`);
  }

  async function killOne(job: LoaderJob, victim: Victim): Promise<void> {
    const loader = startLoader(job);
    await sleep(random.fraction() * 1.1 * (usual.get(job.mode) ?? 1000));
    if (victim === 'loader') loader.process.kill('SIGKILL');
    else if (victim === 'server') await postgres.killAndRestart();
    else await postgres.failOver();
    killed[victim] += 1;
    await loader.ended;
  }

  try {
    for (const mode of MODES) await runOn(postgres.current, tableSql(mode));
    for (let kill = 0; kill < kills + MODES.length; kill += 1) {
      const mode = MODES[kill % MODES.length] ?? 'append';
      const at = new Date(Date.UTC(2026, 0, 1, 0, kill)).toISOString();
      const job: LoaderJob = { url: postgres.url, mode, run: `run-${kill}`, at, salt: kill + 1, rows };
      const before = books.before(mode);
      const after = books.after(mode, job.salt);
      // The first load of each kind is left alone, to learn how long it takes.
      if (usual.has(mode)) {
        const isServer = random.chance(0.5);
        const victim = isServer ? (random.chance(0.3) ? 'failover' : 'server') : 'loader';
        await killOne(job, victim);
        const index = await expectOneOf(mode, `${job.run} after a kill: ${victim}`, before, after);
        found[index === 1 ? 'complete' : 'before'] += 1;
      }
      const released = random.chance(0.4) ? holdLock(postgres.current, `${mode}_rows`) : undefined;
      await publish(job);
      await released;
      await publish(job);
      await expectOneOf(mode, `${job.run} in the end`, after);
      books.enter(mode, after);
      if (kill % 10 === 9) say(`${kill + 1 - MODES.length} kills`);
    }
    return { kills: killed, found, locked, problems };
  } finally {
    await postgres.stop();
  }
}

async function runOn(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** As a person does who looks at a table and forgets to commit. */
function holdLock(url: string, table: string): Promise<void> {
  return runOn(url, 'BEGIN', `LOCK TABLE ${table} IN EXCLUSIVE MODE`, 'SELECT pg_sleep(4)', 'COMMIT');
}
