import { describe, expect, it } from 'vitest';
import { chunksOf, valuesIn } from '../../src/domain/batches.js';

describe('the values in a row', () => {
  const row = {
    url: 'u',
    n: 3,
    empty: ' ',
    links: [{ href: 'x' }, { href: 'y' }],
    tags: ['t', null, 5, {}],
    off: false,
  };
  it.each([
    ['url', ['u']],
    ['n', [3]],
    ['links.1.href', ['y']],
    ['tags', ['t', 5]],
    ['links', []],
    ['links.href', []],
    ['empty', []],
    ['off', []],
    ['constructor.name', []],
    ['missing.0.url', []],
  ])('under %s are %j', (field, values) => {
    expect(valuesIn(row, field.split('.'))).toEqual(values);
  });
});

it('gives a parent so many batches that its history stays small', () => {
  expect(chunksOf(0)).toEqual([]);
  expect(chunksOf(401)).toEqual([
    { first: 1, last: 400 },
    { first: 401, last: 401 },
  ]);
});
