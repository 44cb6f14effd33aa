import { expect, it } from 'vitest';
import { graphOf, stepsBefore } from '../../src/domain/pipeline.js';

it('a step waits for every step that it names, once', () => {
  const after = ['a', 'b'];
  const when = { step: 'b' };
  const forEach = { rowsOf: 'c', field: 'url' };

  expect(stepsBefore({})).toEqual([]);
  expect(stepsBefore({ after: 'a', when: { step: 'a' } })).toEqual(['a']);
  expect(graphOf({ a: {}, d: { after, when, forEach } })).toEqual(
    new Map([
      ['a', []],
      ['d', ['a', 'b', 'c']],
    ]),
  );
});
