import { expect, it } from 'vitest';
import { linesOf, sentenceAndList, sentenceOf } from '../../src/domain/sentence-and-list.js';

it('puts many reasons into a short sentence and a list of a few lines', () => {
  expect(sentenceAndList('2 steps failed', ['a', 'b\nc'])).toBe('2 steps failed\n- a\n- b c');
  const many = Array.from({ length: 500 }, (_, index) => `${index} ${'x'.repeat(60_000)}`);
  const message = sentenceAndList('500 steps failed', many, 7);
  expect(message.split('\n')).toHaveLength(12);
  expect(message.length).toBeLessThan(7_000);
  expect(message).toMatch(/^500 steps failed\n- 0 x+… \(\d+ more bytes\)\n- 1 .*\n- and 497 more$/s);
  expect(sentenceOf(message)).toBe('500 steps failed');
});

it('leaves the list of a reason to whoever looks at that one', () => {
  const inner = sentenceAndList('3 of 4 batches failed', ['batch 1: no', 'batch 2: no']);
  const outer = sentenceAndList('2 steps failed', [`step "a": ${inner}`, 'step "b": no']);
  expect(linesOf(outer)).toEqual(['2 steps failed', '- step "a": 3 of 4 batches failed', '- step "b": no']);
});

it('takes no other line break for one of the list', () => {
  expect(linesOf('it said:\nall is well\n- one')).toEqual(['it said:\nall is well', '- one']);
});
