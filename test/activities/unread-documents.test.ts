import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExportResultsInput } from '../../src/activities/export-results.js';
import { startServer } from '../helpers/http-server.js';
import {
  closeLater,
  openActivities,
  serviceThatAnswers,
  serviceThatSends,
  staged,
  useDirectory,
} from './export-workplace.js';

useDirectory();

const ROWS = '[{"a":1},{"a":2}]';

describe('a document that cannot be read', () => {
  const NONSENSE = '[{"a":1},{"a":';
  const LATIN1 = Buffer.from('a,b\nCaf\xe9,1\n', 'latin1');

  /** Looks at the same service again and again, as Temporal does, at these times. */
  async function lookAt(url: string, agesMs: readonly number[], input: Partial<ExportResultsInput> = {}) {
    const { exportResults } = await openActivities(url);
    let heartbeatDetails: unknown;
    const started = Date.now();
    try {
      const failures: unknown[] = [];
      for (const [index, ageMs] of agesMs.entries()) {
        vi.setSystemTime(started + ageMs);
        const environment = new MockActivityEnvironment(
          { attempt: index + 1, scheduledTimestampMs: started, heartbeatDetails },
          { logger: new DefaultLogger('ERROR') },
        );
        environment.on('heartbeat', (details: unknown) => {
          heartbeatDetails = details;
        });
        failures.push(
          await environment.run(exportResults, { executionId: 'e1', ...input }).catch((error: unknown) => error),
        );
      }
      return failures;
    } finally {
      vi.useRealTimers();
    }
  }

  const again = { type: 'ExportIncomplete', nonRetryable: false };
  const given = (words: string) => ({
    type: 'ExportIncomplete',
    nonRetryable: true,
    message: expect.stringContaining(words) as string,
  });

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  it.each<[string, string | Buffer, Partial<ExportResultsInput>, string]>([
    [
      'that ends early',
      NONSENSE,
      {},
      'the document is cut off after 1 records, at byte 14; the same bytes came 3 times in 31 seconds',
    ],
    ['that is a null', 'null', {}, 'the document is `null` instead of JSON rows; the same bytes came 3 times'],
    [
      'of which no record can be read',
      LATIN1,
      { format: 'csv' },
      'none of the 1 records can be read; record 0: line 2 is not valid UTF-8: byte 0xe9 at its byte 4; the same',
    ],
    ['that is compressed and damaged', gzipSync(ROWS).subarray(0, -3), {}, 'compressed with gzip and not whole'],
  ])('%s is asked for until the same has come for half a minute, and is kept then', async (_, body, input, words) => {
    const failures = await lookAt(await serviceThatAnswers(body), [0, 2_000, 31_000], input);
    expect(failures).toMatchObject([again, again, given(words)]);
    const name = `unread.${input.format ?? 'json'}`;
    expect(String(failures[2])).toContain(`they are kept as file://`);
    expect(String(failures[2])).toContain(`/e1/${name}; \`titanflow retry execution/e1\``);
    expect((await staged()).map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual([name]);
    if (body !== NONSENSE) return;
    expect(await readFile((await staged())[0] ?? '', 'utf8')).toBe(NONSENSE);
  });

  it('is asked for as long as it changes', async () => {
    let looks = 0;
    const server = await startServer((_, response) => {
      looks += 1;
      response.end(`[{"a":1},${' '.repeat(looks)}`);
    });
    closeLater(() => server.close());
    expect(await lookAt(server.url, [0, 1_000, 40_000, 100_000])).toMatchObject([again, again, again, again]);
    expect(await staged()).toEqual([]);
  });

  it('is asked for within `resultsWithin` where nothing tells that it came whole', async () => {
    const url = await serviceThatSends('HTTP/1.1 200 OK\r\n\r\n', NONSENSE);
    expect(await lookAt(url, [0, 2_000, 60_000, 899_000, 900_000])).toMatchObject([
      again,
      again,
      again,
      again,
      given('cut off'),
    ]);
  });

  it.each([
    ['a message', '{"message":"later"}', 'in place of rows came an object that has: message'],
    ['a page', '<html>', 'HTML or XML'],
    ['nothing', '', 'the document is empty'],
  ])('because it is %s is asked for within `resultsWithin`', async (_, body, words) => {
    const failures = await lookAt(await serviceThatAnswers(body), [0, 2_000, 50_000, 60_000], {
      resultsWithinMs: 60_000,
    });
    expect(failures).toMatchObject([again, again, again, given(words)]);
    expect(String(failures[3])).toMatch(/; it was so 1 minute after the execution's end; they are kept as file:/);
  });

  it('may be followed by one that can', async () => {
    let looks = 0;
    const server = await startServer((_, response) => {
      looks += 1;
      response.end(looks < 3 ? '{"message":"later"}' : ROWS);
    });
    closeLater(() => server.close());
    expect(await lookAt(server.url, [0, 2_000, 31_000])).toMatchObject([again, again, { export: { records: 2 } }]);
  });
});
