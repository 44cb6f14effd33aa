import { describe, expect, it } from 'vitest';
import { chunksOf, taskOfBatch, valuesIn } from '../../src/domain/batches.js';

describe('the task of a batch', () => {
  it('has the list of values where `${batch}` stands alone, and its elements within a list', () => {
    const task = {
      name: 'Scrape',
      urls: '${batch}',
      limits: { seeds: ['https://first.example', '${batch}'] },
      objective: 'Look at ${batch}, $& and nothing else',
    };
    expect(taskOfBatch(task, ['https://a.example/$1', 7])).toEqual({
      name: 'Scrape',
      urls: ['https://a.example/$1', 7],
      limits: { seeds: ['https://first.example', 'https://a.example/$1', 7] },
      objective: 'Look at ["https://a.example/$1",7], $& and nothing else',
    });
  });
});

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
