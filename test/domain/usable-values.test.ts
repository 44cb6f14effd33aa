import { describe, expect, it } from 'vitest';
import { createUsableValues, sameness } from '../../src/domain/usable-values.js';

const URLS = { name: 'n', urls: '${batch}' };

describe('the values of a task that wants URLs', () => {
  it.each(['http://a.example', 'https://a.example/x?y=1#z', 'HTTPS://A.example', 'http://127.0.0.1:80/é'])(
    'are bought where they are URLs: %s',
    (url) => expect(createUsableValues(URLS).take(url)).toBe(url),
  );

  it.each([' https://a.example ', '\thttps://a.example\n'])('are bought without the blanks around them: %j', (url) => {
    expect(createUsableValues(URLS).take(url)).toBe('https://a.example');
  });

  it.each([
    'N/A',
    6,
    'javascript:alert(1)',
    'mailto:a@b.example',
    'ftp://a.example',
    '/product/1',
    '//a.example/x',
    'a.example',
    'https://',
    'https://a b.example',
    'https://a.example/ https://b.example',
    'https:a.example',
    'null',
    '#',
    'data:text/html,x',
  ])('are passed over and counted where they are none: %j', (value) => {
    const usable = createUsableValues(URLS);
    expect(usable.take(value)).toBeUndefined();
    expect(usable.passedOver()).toMatchObject({ count: 1 });
  });

  it('are told as far as is needed to know what they are', () => {
    const usable = createUsableValues(URLS);
    for (const value of ['N/A', 6, `javascript:${'x'.repeat(100)}`, 'a', 'b']) usable.take(value);
    expect(usable.passedOver()).toEqual({ count: 5, values: ['N/A', '6', 'javascript:xxxxxxxxxxxxx…'] });
    expect(createUsableValues(URLS).passedOver()).toBeUndefined();
  });
});

it('values of other tasks are bought as they are', () => {
  const usable = createUsableValues({ name: 'n', urls: ['https://a.example'], objective: '${batch}' });
  for (const value of ['N/A', 6, ' x ']) expect(usable.take(value)).toBe(value);
  expect(usable.passedOver()).toBeUndefined();
});

it('blanks around a text do not make it another', () => {
  expect(sameness(' a ')).toBe(sameness('a'));
  expect(sameness(6)).not.toBe(sameness('6'));
});
