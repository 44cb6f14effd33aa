import type { Ajv } from 'ajv';
import type { AddedFormat, FormatDefinition, FormatValidator } from 'ajv/dist/types/index.js';
import addFormats from 'ajv-formats';
import { SURELY_DATE_TIME } from './date-time.js';
import { PLAIN_URI } from './plain-texts.js';

/** What is mostly there is let pass by one short look; all else is judged by ajv-formats, which takes its time. */
const SURELY: readonly (readonly [format: string, surely: RegExp])[] = [
  ['date-time', SURELY_DATE_TIME],
  ['uri', new RegExp(`^${PLAIN_URI}$`)],
];

/** Adds the formats of JSON Schema, and the vendor's `media`: a string that is the address of a stored file. */
export function addKnownFormats(ajv: Ajv): void {
  addFormats.default(ajv);
  for (const [name, surely] of SURELY) {
    const known = formatOfTexts(ajv.formats[name]);
    if (!known) continue;
    const { validate } = known;
    ajv.addFormat(name, { ...known, validate: (text: string) => surely.test(text) || validate(text) });
  }
  ajv.addFormat('media', true);
}

interface FormatOfTexts extends FormatDefinition<string> {
  readonly validate: FormatValidator<string>;
}

function formatOfTexts(format: AddedFormat | undefined): FormatOfTexts | undefined {
  if (typeof format === 'function') return { validate: format };
  return isOfTexts(format) ? format : undefined;
}

function isOfTexts(format: AddedFormat | undefined): format is FormatOfTexts {
  return typeof format === 'object' && 'validate' in format && typeof format.validate === 'function';
}
