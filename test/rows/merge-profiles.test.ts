import { expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { createExaminer, type Profile } from '../../src/rows/examiner.js';
import { createProfileMerger } from '../../src/rows/merge-profiles.js';

function profileOf(records: readonly object[], outputSchema?: Json): Profile {
  const examiner = createExaminer({ outputSchema, format: 'json' });
  const reasons = records.map((value) =>
    examiner.examine({ text: JSON.stringify(value), value: JSON.parse(JSON.stringify(value)) }),
  );
  return examiner.finish({
    records: records.length,
    rejected: reasons.filter((reason) => reason !== undefined).length,
  });
}

function merged(...profiles: readonly Profile[]): Profile {
  const merger = createProfileMerger();
  for (const profile of profiles) merger.add(profile);
  return merger.merged();
}

it('finds the same columns in two exports as in one of all records', () => {
  const [first, second] = [
    [{ a: 1, b: null, c: 'x', d: 1, e: null }],
    [{ f: true, a: 1.5, b: 7, c: 'y', d: 'z', e: null }],
  ];
  const together = merged(profileOf(first), profileOf(second));
  const { columns, records } = profileOf([...first, ...second]);
  expect(together).toMatchObject({ columns, records });
});

it('keeps what no schema names beside the columns, and what was rejected in the counts', () => {
  const schema = { type: 'object', properties: { a: { type: 'string', format: 'date-time' } } };
  const plain = profileOf([{ a: '2026-01-01T00:00:00Z' }, { a: 5 }], schema);
  const more = profileOf([{ a: '2026-01-01T00:00:00Z', b: 1 }], schema);
  expect(merged(more, plain)).toMatchObject({
    records: 3,
    rejected: 1,
    columns: [
      { name: 'a', type: 'timestamptz' },
      { name: '_titan_extra', type: 'jsonb' },
    ],
  });
});
