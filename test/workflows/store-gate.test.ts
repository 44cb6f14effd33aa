import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Publication, RunTaskInput } from '../../src/domain/run.js';
import { failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

/** Two of four records have no key: only a store that merges by it minds. */
const RECORDS = [{ sku: 'a', price: 1 }, { price: 2 }, { sku: null, price: 3 }, { sku: 'd', price: 4 }];
const RENAMED = RECORDS.map(({ price }) => ({ article: 'x', price }));

const TASK = {
  name: 'half',
  urls: ['https://example.com/half'],
  objective: 'Extract products',
  output_schema: { type: 'object', properties: { sku: { type: ['string', 'null'] }, price: { type: 'number' } } },
  execution_type: 'single',
};

const merge = (table: string, store = 'local'): Publication => ({ store, table, mode: 'merge', key: ['sku'] });
const append = (table: string, store = 'local'): Publication => ({ store, table, mode: 'append' });

describe.concurrent('a gate', () => {
  let place: Workplace;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'titanflow-gate-'));
    const tasks = await Promise.all(
      Object.entries({ half: RECORDS, renamed: RENAMED }).map(async ([name, records]) => {
        const file = join(folder, `${name}.json`);
        await writeFile(file, JSON.stringify(records));
        return { name, file };
      }),
    );
    place = await openWorkplace({
      emulator: { scenario: { seconds: 0, tasks } },
      stores: { mirror: { kind: 'files', directory: join(folder, 'mirror'), format: 'csv' } },
    });
    await place.startWorker();
  });

  afterAll(async () => {
    await place.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(publish: readonly Publication[], expectation: RunTaskInput['expect'], name = 'half') {
    const input = { task: { ...TASK, name }, publish: [...publish], ...(expectation ? { expect: expectation } : {}) };
    const started = await place.titanflow.runTask(randomUUID(), input);
    return started.result();
  }

  it('counts what only the store refuses, before anything is published', async () => {
    const failure = await failureOf(run([merge('counted')], { maxRejected: 0.4 }));
    const [{ executionId, published }] = failure.details;
    expect(failure).toMatchObject({
      type: 'ExpectationFailed',
      message: `execution ${executionId}: 2 of 4 records were rejected (50 %), at most 40 % may be; local, table counted refuses 2 of them; the first one: key column "sku" is missing; nothing was published, the export stays staged; publish it all the same: titanflow release execution/${executionId}`,
    });
    expect(published).toEqual([]);
    await expect(readTable(place.out, 'counted')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await run([merge('counted')], { maxRejected: 0.5 })).toMatchObject({
      published: [{ rows: 2, rejected: 2 }],
    });
  });

  it('without any wish holds a run of which the store takes nothing', async () => {
    const failure = await failureOf(run([merge('nothing')], undefined, 'renamed'));
    expect(failure).toMatchObject({
      type: 'ExpectationFailed',
      message: expect.stringMatching(/0 valid rows of 4 records, expected at least 1; .*refuses 4 of them/),
    });
  });

  it('counts them for `maxDrop`', async () => {
    await run([append('dropped')], undefined);
    const failure = await failureOf(run([merge('dropped')], { maxDrop: 0.4 }));
    expect(failure.message).toMatch(/2 valid rows for local, table dropped, are 50 % fewer than the 4/);
    expect(await readTable(place.out, 'dropped')).toHaveLength(4);
  });

  it('of several stores lets none publish what another one would hold', async () => {
    for (const publish of [
      [append('plain', 'mirror'), merge('by_key')],
      [merge('by_key'), append('plain', 'mirror')],
    ]) {
      const failure = await failureOf(run(publish, { maxRejected: 0 }));
      expect(failure.details[0].published).toEqual([]);
      expect(failure.message).toContain('local, table by_key refuses 2 of them');
    }
    await expect(readTable(place.out, 'by_key')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readTable(join(folder, 'mirror'), 'plain')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of several stores says which has published, where only one knows what it refuses', async () => {
    const failure = await failureOf(run([append('first', 'mirror'), merge('second')], undefined, 'renamed'));
    expect(failure.message).toMatch(/only to mirror, table first it was published, the export stays staged/);
    expect(failure.details[0].published).toMatchObject([{ store: 'mirror', rows: 4 }]);
  });

  it('of a forEach step counts them, too', async () => {
    const started = await place.titanflow.runPipeline('gated/1', {
      pipeline: {
        name: 'gated',
        steps: {
          find: { task: { ...TASK, name: 'half' } },
          each: {
            forEach: { rowsOf: 'find', field: 'price', batch: 4 },
            // oxlint-disable-next-line no-template-curly-in-string -- a reference of a pipeline
            task: { ...TASK, name: 'half', payload: { prices: '${batch}' } },
            publish: [merge('stepwise'), append('stepwise', 'mirror')],
            expect: { maxRejected: 0.1 },
          },
        },
      },
    });
    const failure = await failureOf(started.result());
    expect(failure.message).toMatch(
      /2 of 4 records were rejected.*local, table stepwise refuses 2 of them.*titanflow release/,
    );
    await expect(readTable(place.out, 'stepwise')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
