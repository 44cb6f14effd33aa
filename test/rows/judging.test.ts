import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ExaminerOptions } from '../../src/rows/examiner.js';
import { openJudging, type Verdict } from '../../src/rows/judging.js';
import type { RejectedRecord } from '../../src/rows/record-judge.js';

const OPTIONS: ExaminerOptions = {
  format: 'json',
  outputSchema: { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } }, required: ['id'] },
};
const RECORDS = Array.from({ length: 5_000 }, (_, id) =>
  id % 7 === 3 ? { name: `no id, ${id}` } : { id, name: `x${'é'.repeat(id % 50)}` },
);
const DOCUMENT = Buffer.from(JSON.stringify(RECORDS));

describe('an export that is judged in a thread', () => {
  it.each([
    ['from its first byte on', 0],
    ['from the middle of it on', 40_000],
  ])('%s gets the verdict that it gets here', async (_, judgedHereBytes) => {
    const here = await judge(DOCUMENT, OPTIONS, Number.POSITIVE_INFINITY);
    expect(here.rejects.map(({ row }) => row)).toEqual(
      RECORDS.flatMap(({ id }, row) => (id === undefined ? [row] : [])),
    );
    expect(await judge(DOCUMENT, OPTIONS, judgedHereBytes)).toEqual(here);
  });

  it('may be CSV', async () => {
    const csv = Buffer.from(`id,name\n${RECORDS.map(({ id = 'none', name }) => `${id},"${name}"`).join('\n')}\n`);
    const options = { ...OPTIONS, format: 'csv' } as const;
    const here = await judge(csv, options, Number.POSITIVE_INFINITY);
    expect(here.rejects.length).toBe(714);
    expect(await judge(csv, options, 0)).toEqual(here);
  });

  it.each([
    ['cut off', DOCUMENT.subarray(0, -2), { reason: 'incomplete' }],
    ['no JSON in the middle', Buffer.from(`[{"id":1},{"id":tru},{"id":2}]`), { message: 'record 1 is not valid JSON' }],
    [
      'no JSON, and for that has a record that is too long',
      Buffer.from(`[{"id":tru},{"name":"${'x'.repeat(17 * 1024 * 1024)}"}]`),
      { reason: 'incomplete', message: 'record 0 is not valid JSON' },
    ],
    ['another kind', Buffer.from('<html>'), { reason: 'incomplete' }],
  ])('fails where it is %s', async (_, document, failure) => {
    await expect(judge(document, OPTIONS, 0)).rejects.toMatchObject({ name: 'DocumentError', ...failure });
  });

  it('is held back where the thread does not keep up, and can be given up then', async () => {
    const slow = { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } };
    const judging = openJudging({ format: 'json', outputSchema: slow }, 0);
    const record = Buffer.from(`[${JSON.stringify({ name: `${'a'.repeat(60)}!` })},`);
    await judging.push(record);
    const pushed = Promise.all(Array.from({ length: 20 }, () => judging.push(record.subarray(1))));
    expect(await Promise.race([pushed.then(() => 'all taken'), sleep(300).then(() => 'held back')])).toBe('held back');
    await judging.close();
  });

  it('refuses a schema that is none at once', () => {
    expect(() => openJudging({ format: 'json', outputSchema: { type: 'nothing' } })).toThrow(/output_schema/);
  });
});

async function judge(document: Buffer, options: ExaminerOptions, judgedHereBytes: number): Promise<Verdict> {
  const judging = openJudging(options, judgedHereBytes);
  try {
    const rejects: RejectedRecord[] = [];
    for (let at = 0; at < document.length; at += 10_007) {
      rejects.push(...(await judging.push(document.subarray(at, at + 10_007))));
    }
    const verdict = await judging.end();
    return { ...verdict, rejects: [...rejects, ...verdict.rejects] };
  } finally {
    await judging.close();
  }
}
