import { describe, expect, it } from 'vitest';
import { readStagedRejects, type StagedReject } from '../../src/activities/staged-run.js';
import type { Staging } from '../../src/staging/staging.js';

/** A file that comes in pieces of so many bytes. */
function stagingOf(text: string, bytes: number): Staging {
  return {
    id: 'here',
    create: () => Promise.reject(new Error('nothing is written')),
    list: () => Promise.reject(new Error('nothing is listed')) as never,
    pathOf: () => undefined,
    async *read() {
      const file = Buffer.from(text);
      for (let from = 0; from < file.length; from += bytes) yield file.subarray(from, from + bytes);
    },
  };
}

describe('staged rejects', () => {
  it.each([1, 7, 1_000])('are read as they were written, whatever they hold (%i bytes at a time)', async (bytes) => {
    const raws = ['{}', '{"a":"line\u2028and\u2029paragraph"}', '{\r\n"é":\t"€"}', '"\\u0000"', ''];
    const rejects = raws.map((raw, row) => ({ row, reason: 'bad', raw }));
    const text = rejects.map((reject) => `${JSON.stringify(reject)}\n`).join('');
    const read: StagedReject[] = [];
    for await (const reject of readStagedRejects(stagingOf(text, bytes), 'rejects.jsonl')) read.push(reject);
    expect(read).toEqual(rejects);
  });

  it('are all read where the last one has no line break, and none is made up where it is cut off', async () => {
    const line = (row: number) => JSON.stringify({ row, reason: 'bad', raw: '5" pipe\u00e9' });
    const read = async (text: string) => {
      const rows: number[] = [];
      for await (const { row } of readStagedRejects(stagingOf(text, 7), 'e1/rejects.jsonl')) rows.push(row);
      return rows;
    };
    expect(await read(`${line(0)}\n${line(1)}`)).toEqual([0, 1]);
    for (const text of [line(0).slice(0, -1), `nonsense\n${line(1)}\n`, `{"row":"1"}\n`]) {
      await expect(read(text)).rejects.toMatchObject({
        reason: 'missing',
        message: 'staging: e1/rejects.jsonl is damaged',
      });
    }
  });
});
