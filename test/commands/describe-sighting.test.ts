import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/client/read-progress.js';
import { describeSighting } from '../../src/commands/describe-sighting.js';
import { drawLines } from '../../src/commands/live-view.js';
import type { Progress } from '../../src/domain/progress.js';

function sighting(progress: Progress, below: Sighting['below'] = {}, pending: Sighting['pending'] = []): Sighting {
  return { ...progress, pending, below };
}

const START = '2026-11-28T20:00:00.000Z';

describe('what a pipeline does', () => {
  it('is a line for each step, down to what really happens', () => {
    const each = sighting({ phase: 'running', rows: 900, batches: { total: 40, completed: 9, failed: 1, running: 5 } });
    const waiting = sighting({ phase: 'waiting', executionId: 'e', status: 'running' }, {}, [
      { activity: 'awaitExecution', attempt: 1, mark: { status: 'running', nextLookAt: '2026-11-28T20:01:00.000Z' } },
    ]);
    const task = sighting({ phase: 'waiting', followId: 'execution/e' }, { execution: waiting });
    const inner = sighting(
      { phase: 'running', steps: { a: { state: 'completed' }, b: { state: 'running', workflowId: 'p/x/b' } } },
      { b: task },
    );
    const steps: Progress['steps'] = {
      find: { state: 'completed', kept: true, rows: 200 },
      scrape: { state: 'running', startedAt: START },
      one: { state: 'running', startedAt: START },
      other: { state: 'running' },
      done: {
        state: 'completed',
        rows: 7,
        batches: { total: 3, completed: 3, failed: 0, running: 0 },
        startedAt: START,
        endedAt: '2026-11-28T20:00:04.000Z',
      },
      report: { state: 'skipped', why: 'scrape had no rows' },
      last: { state: 'pending' },
    };
    const lines = describeSighting(sighting({ phase: 'running', steps }, { scrape: each, one: task, other: inner }));
    expect(lines.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'find: kept from an earlier run, 200 rows',
      'scrape: 9/40 batches (5 running, 1 failed), 900 rows',
      'one: waiting: execution e is running',
      'other: 1/2 steps; b: waiting: execution e is running',
      'done: completed, 3/3 batches, 7 rows, 4.0 s',
      'report: scrape had no rows',
      'last: waits for the steps before it',
    ]);
    expect(lines[1]).toMatchObject({ state: 'running', batches: { total: 40 } });
    expect(lines[2]).toMatchObject({ nextLookAt: '2026-11-28T20:01:00.000Z' });
  });

  it('warns of a step that ended well and lost most of its records', () => {
    const tally = { records: 100, rejected: 95, rows: 5, inserted: 5, executions: 1, rejectsOf: 'e1' };
    const steps: Progress['steps'] = {
      bad: { state: 'completed', rows: 5, tally },
      good: { state: 'completed', rows: 5, tally: { ...tally, records: 5, rejected: 0 } },
    };
    const lines = describeSighting(sighting({ phase: 'completed', steps }));
    expect(lines).toMatchObject([
      { isWarning: true, text: 'completed, 5 rows; 95 of 100 records were rejected: titanflow rejects show e1' },
      { text: 'completed, 5 rows' },
    ]);
    expect(lines[1]).not.toHaveProperty('isWarning');
    const drawn = drawLines(lines, 80, new Date()).map((line) => stripVTControlCharacters(line).trim()[0]);
    expect(drawn).toEqual(['!', '✓']);
  });

  it('says first what is tried again, and that it is paused', () => {
    const trouble = [{ activity: 'publishRows', attempt: 3, lastFailure: 'warehouse does not answer' }];
    const [failing] = describeSighting(sighting({ phase: 'publishing' }, {}, trouble));
    expect(failing?.text).toBe('publishing: attempt 3: warehouse does not answer');
    const [paused] = describeSighting(sighting({ phase: 'waiting', pausedSince: START, waitingFor: 'x' }));
    expect(paused?.text).toBe(`paused since ${START}`);
  });
});

it('a publication that is kept by a lock says which, and who holds it, before what went wrong the last time', () => {
  const waitingFor = 'the lock of warehouse, table prices, held by pid 4711 (psql, idle in transaction since 20:00)';
  const pending = [{ activity: 'publishRows', attempt: 2, lastFailure: 'it was locked', waitingFor }];
  const [line] = describeSighting({ phase: 'publishing', pending, below: {} });
  expect(line?.text).toBe(`publishing: waiting for ${waitingFor}`);
});
