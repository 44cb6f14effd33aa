import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRejects, sortRejects } from '../../../../src/stores/layout/rejects/sorted-rejects.js';

describe('the rejects of a run', () => {
  let work: string;
  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'titanflow-rejects-'));
  });
  afterEach(() => rm(work, { recursive: true }));
  const of = { run: 'r', table: 't', at: '2026-01-01T00:00:00Z' };

  it('are sorted in pieces that memory can hold', async () => {
    const rejects = sortRejects(work, of, 500);
    const ids = Array.from({ length: 100 }, (_, index) => ({ execution: `e-${index % 3}`, row: (index * 37) % 100 }));
    for (const id of ids) {
      await rejects.add([{ ...id, reason: 'bad', raw: 'x'.repeat(20) }]);
    }
    const file = await rejects.write();
    expect((await readdir(work)).length).toBeGreaterThan(4);
    const read: string[] = [];
    for await (const batch of readRejects(file?.path ?? '')) {
      read.push(...batch.map(({ execution, row }) => `${execution} ${row}`));
    }
    const byPlace = ids.toSorted((a, b) => a.execution.localeCompare(b.execution) || a.row - b.row);
    expect(read).toEqual(byPlace.map(({ execution, row }) => `${execution} ${row}`));
  });

  it('make no file where there are none', async () => {
    expect(await sortRejects(work, of).write()).toBeUndefined();
    expect(await readdir(work)).toEqual([]);
  });
});
