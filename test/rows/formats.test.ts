import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { addKnownFormats } from '../../src/rows/formats.js';

/** Texts that are nearly of the format: made of the pieces that matter in it. */
const PIECES = {
  'date-time': [
    '2026',
    '0000',
    '-',
    '02',
    '29',
    '30',
    '13',
    'T',
    ' ',
    't',
    '24',
    '23',
    ':',
    '59',
    '60',
    '.5',
    'Z',
    '+02:00',
  ],
  uri: [
    'http',
    'https',
    'ftp',
    '://',
    '/',
    '?',
    '#',
    'a.example',
    '127.0.0.1',
    ':80',
    ':',
    '%20',
    '%',
    ' ',
    'é',
    "'",
    '[::1]',
    '@',
    '_',
  ],
} as const;

it.each(Object.entries(PIECES))('judges every %s as ajv-formats does', (format, pieces) => {
  const [ours, theirs] = [new Ajv(), new Ajv()];
  addKnownFormats(ours);
  addFormats.default(theirs);
  const [isOurs, isTheirs] = [ours, theirs].map((ajv) => ajv.compile({ type: 'string', format }));
  const whole =
    format === 'uri'
      ? fc.webUrl({ withQueryParameters: true })
      : fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const texts = fc.oneof(
    whole,
    fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(isOurs?.(text)).toBe(isTheirs?.(text));
    }),
    { numRuns: 3000 },
  );
});
