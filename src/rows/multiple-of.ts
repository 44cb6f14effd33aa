import { _, str } from 'ajv';
import type { FuncKeywordDefinition } from 'ajv/dist/types/index.js';
import { decimalOf, isMultiple, type Decimal } from '../domain/decimal.js';
import { rawAt } from './raw-at.js';

/**
 * `multipleOf` by the decimal digits, as they stand in the record: Ajv's own divides doubles, of which 19.99 / 0.01 is not
 * whole.
 *
 * @param textOf the JSON text of the record that is being judged
 */
export function multipleOf(textOf: () => string): FuncKeywordDefinition {
  return {
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    compile(factor: number) {
      const divisor = decimalOf(String(factor));
      const isWhole = Number.isSafeInteger(factor);
      return (value: number, place) => {
        const text = textOf();
        const isAsWritten = !MAY_BE_LOST.test(text);
        if (isAsWritten && isWhole && Number.isSafeInteger(value)) return value % factor === 0;
        const written = isAsWritten ? String(value) : rawAt(text, place?.instancePath ?? '');
        return areMultiples(decimalOf(written), divisor);
      };
    },
    errors: false,
    error: {
      message: ({ schemaCode }) => str`must be multiple of ${schemaCode}`,
      params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}`,
    },
  };
}

function areMultiples(value: Decimal | undefined, divisor: Decimal | undefined): boolean {
  return value !== undefined && divisor !== undefined && isMultiple(value, divisor);
}

/** A number that a double may not hold as it is written: one with many digits, or with a long exponent. */
const MAY_BE_LOST = /[\d.]{16}|\d[eE][+-]?\d\d\d/;
