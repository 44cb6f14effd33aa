import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import type { ExaminerOptions } from '../../src/rows/examiner.js';
import { openJudging, type Verdict } from '../../src/rows/judging.js';
import { createRecordJudge, JUDGE_LIMITS, type JudgeLimits, type RejectedRecord } from '../../src/rows/record-judge.js';

const OPTIONS: ExaminerOptions = {
  format: 'json',
  outputSchema: { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } }, required: ['id'] },
};
const RECORDS = Array.from({ length: 5_000 }, (_, id) =>
  id % 7 === 3 ? { name: `no id, ${id}` } : { id, name: `x${'é'.repeat(id % 50)}` },
);
const DOCUMENT = Buffer.from(JSON.stringify(RECORDS));

describe('an export that is judged in a thread', () => {
  it('gets the verdict that its records get here, also from a thread that has judged others before', async () => {
    const here = createRecordJudge(OPTIONS);
    const rejects = here.judge(RECORDS.map((record, row) => ({ row, text: JSON.stringify(record) })));
    expect(rejects.length).toBe(714);
    for (const _ of ['a new thread', 'the same one']) {
      const verdict = await judge(DOCUMENT, OPTIONS);
      expect(verdict.rejects).toEqual(rejects);
      expect(verdict.profile).toEqual(here.finish());
    }
  });

  it('may be CSV', async () => {
    const csv = Buffer.from(`id,name\n${RECORDS.map(({ id = 'none', name }) => `${id},"${name}"`).join('\n')}\n`);
    const { rejects } = await judge(csv, { ...OPTIONS, format: 'csv' });
    expect(rejects.map(({ row }) => row)).toEqual(RECORDS.flatMap(({ id }, row) => (id === undefined ? [row] : [])));
  });

  it.each([
    ['cut off', DOCUMENT.subarray(0, -2), { reason: 'incomplete' }],
    [
      'nothing but records that are no JSON',
      Buffer.from('[{"id":tru},{"id":NaN}]'),
      {
        reason: 'incomplete',
        message:
          'none of the 2 records can be read; record 0: is not valid JSON: this is not a JSON value at character 7',
      },
    ],
    ['another kind', Buffer.from('<html>'), { reason: 'no rows' }],
    ['a message', Buffer.from('{"message":"later"}'), { reason: 'no rows' }],
  ])('fails where it is %s', async (_, document, failure) => {
    await expect(judge(document, OPTIONS)).rejects.toMatchObject({ name: 'DocumentError', ...failure });
  });

  it('has rejects where records are no JSON, no UTF-8, or too long', async () => {
    const document = Buffer.concat([
      Buffer.from('[{"id":1},{"id":NaN},{"id":2,"name":"'),
      Buffer.from([0xe9]),
      Buffer.from(`"},{"id":3,"name":"${'x'.repeat(17 * 1024 * 1024)}"},{"id":4}]`),
    ]);
    const { rejects, profile } = await judge(document, OPTIONS);
    expect(rejects.map(({ row, reason, raw }) => [row, reason, raw.length])).toEqual([
      [1, 'is not valid JSON: NaN at character 7', 10],
      [2, 'is not valid UTF-8: byte 0xe9 at its byte 17', 19],
      [3, 'is longer than 16777216 bytes; the first 65536 of them are kept', 65_536],
    ]);
    expect(profile).toMatchObject({ records: 5, rejected: 3 });
  });

  it('is held back where the thread does not keep up, and can be given up then', async () => {
    const judging = openJudging(withName({ pattern: NEVER_ENDS }));
    const record = Buffer.from(`[${JSON.stringify({ name: HOSTILE })},`);
    await judging.push(record);
    const pushed = Promise.all(Array.from({ length: 20 }, () => judging.push(record.subarray(1))));
    expect(await Promise.race([pushed.then(() => 'all taken'), sleep(300).then(() => 'held back')])).toBe('held back');
    await judging.close();
  });

  it('refuses a schema that is none', async () => {
    const judged = judge(DOCUMENT, { format: 'json', outputSchema: { type: 'nothing' } });
    await expect(judged).rejects.toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('output_schema') as string,
    });
  });
});

const NEVER_ENDS = '^([a-z0-9]+)+@';
/** A year and more of going back for that pattern. */
const HOSTILE = `${'a'.repeat(60)}!`;
const QUICK: JudgeLimits = { schema: 10_000, record: 100, slowRecords: 1_000 };

describe('a record that takes too long to check', () => {
  it.each<[string, Json]>([
    ['a pattern', { pattern: NEVER_ENDS }],
    ['a name by a pattern', { patternProperties: { '^(a+)+$': { type: 'number' } } }],
    ['a schema that branches at each level', { $ref: '#/$defs/d0' }],
  ])('is a reject: %s', async (_, name) => {
    const branches = Object.fromEntries(
      Array.from({ length: 64 }, (_, depth) => {
        const next = { $ref: `#/$defs/d${depth + 1}` };
        return [`d${depth}`, { anyOf: [{ allOf: [next, { type: 'number' }] }, { allOf: [next, { type: 'null' }] }] }];
      }),
    );
    const outputSchema = { type: 'object', properties: { name, id: {} }, $defs: { ...branches, d64: {} } };
    const hostile = { name: JSON.stringify(name).includes('patternProperties') ? { [HOSTILE]: 1 } : HOSTILE };
    const document = Buffer.from(JSON.stringify([{ id: 1 }, hostile, { id: 2 }]));
    const { rejects, profile } = await judge(document, { format: 'json', outputSchema }, QUICK);
    expect(rejects).toMatchObject([
      { row: 1, reason: expect.stringMatching(/^took longer than 0.1 s to check/u) as string },
    ]);
    expect(profile).toMatchObject({ records: 3, rejected: 1 });
  });

  it('names the pattern', async () => {
    const document = Buffer.from(JSON.stringify([{ name: HOSTILE }, { name: 'a@' }]));
    const { rejects } = await judge(document, withName({ pattern: NEVER_ENDS }));
    expect(rejects.map(({ reason }) => reason)).toEqual([`took longer than 1 s to check (pattern ${NEVER_ENDS})`]);
  });

  it('is one of few: where too many take so long, the schema is unusable', async () => {
    const document = Buffer.from(JSON.stringify(Array.from({ length: 5_000 }, () => ({ name: HOSTILE }))));
    const judged = judge(document, withName({ pattern: NEVER_ENDS }), QUICK);
    await expect(judged).rejects.toMatchObject({
      reason: 'unusable',
      message: `6 records took longer than 0.1 s each to check, the last of them record 5 (pattern ${NEVER_ENDS}); simplify the output_schema`,
    });
  });

  it('may be one of many in a batch that together takes longer', () => {
    const records = Array.from({ length: 3_000 }, (_, row) => ({ row, text: JSON.stringify({ name: `${row}@` }) }));
    const judge = createRecordJudge(withName({ pattern: NEVER_ENDS }), { ...QUICK, record: 1 });
    // A busy machine may break some records off twice: none is left out, and none is judged twice.
    const rejects = judge.judge(records);
    expect(judge.finish()).toMatchObject({ records: 3_000, rejected: rejects.length });
  });

  it('does not let a schema be made ready for ever', () => {
    const defs = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`d${index}`, { type: 'string' }]));
    const outputSchema = { type: 'object', properties: defs };
    expect(() => createRecordJudge({ format: 'json', outputSchema }, { ...JUDGE_LIMITS, schema: 1 })).toThrow(
      'the output_schema cannot be used: it takes longer than 0.001 s to be made ready',
    );
  });
});

describe('a deep record', () => {
  const tree = { type: 'object', properties: { child: { $ref: '#' } } };
  const nested = (depth: number): string => `${'{"child":'.repeat(depth)}{}${'}'.repeat(depth)}`;

  it('is judged, or is a reject', async () => {
    const document = Buffer.from(`[${[nested(900), nested(1_100), nested(100_000), nested(1)].join(',')}]`);
    const { rejects } = await judge(document, { format: 'json', outputSchema: tree });
    expect(rejects.map(({ row, reason }) => [row, reason])).toEqual([
      [1, '/child: is nested deeper than 1000 levels'],
      [2, '/child: is nested deeper than 1000 levels'],
    ]);
  });

  it('does not hide a schema that refers to itself without end', async () => {
    const outputSchema = { type: 'object', properties: { a: { allOf: [{ $ref: '#/properties/a' }] } } };
    const judged = judge(Buffer.from('[{"a":1}]'), { format: 'json', outputSchema });
    await expect(judged).rejects.toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('refers to itself without end') as string,
    });
  });
});

function withName(name: Json): ExaminerOptions {
  return { format: 'json', outputSchema: { type: 'object', properties: { name } } };
}

async function judge(document: Buffer, options: ExaminerOptions, limits?: JudgeLimits): Promise<Verdict> {
  const judging = openJudging(options, limits);
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
