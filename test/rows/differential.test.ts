import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../src/rows/document-error.js';
import { values } from './split.js';

/** Chunk lengths, over and over. */
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const blanks = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const numbers = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,30})?([eE][+-]?\d{1,2})?$/),
  fc.constantFrom('9007199254740993', '-0', '1e400', '0.1', `1${'0'.repeat(400)}`),
);
const texts = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom(String.raw`"\u0000\ud800\\\"]}{[,:"`, '"é€😀"', String.raw`"\/\b\f\n\r\t"`, '""', '"\u007f\u2028"'),
);
// Not "__proto__": the other parser sets it as a prototype.
const keys = fc.oneof(
  texts.filter((text) => JSON.parse(text) !== '__proto__'),
  fc.constantFrom('"a"', '"items"', '"data"'),
);

/** JSON as somebody may write it by hand: blanks anywhere, keys twice, numbers of any length. */
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    numbers,
    texts,
    fc.constantFrom('true', 'false', 'null', '[]', '{}'),
    listOf(tie('value') as fc.Arbitrary<string>),
    fc
      .array(fc.tuple(blanks, keys, blanks, tie('value') as fc.Arbitrary<string>, blanks), { maxLength: 4 })
      .map((members) => `{${members.map(([a, key, b, value, c]) => `${a}${key}${b}:${b}${value}${c}`).join(',')}}`),
  ),
}));
const documents = fc.tuple(blanks, listOf(json), blanks).map((parts) => parts.join(''));

function listOf(items: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(blanks, items, blanks), { maxLength: 4 })
    .map((parts) => `[${parts.map((part) => part.join('')).join(',')}]`);
}

function inChunks(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunks.at(-1)?.length ?? 0) {
    const length = lengths[chunks.length % lengths.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + length));
  }
  return chunks;
}

/** What an independent parser makes of it. */
async function valuesByStreamJson(document: string, lengths: readonly number[]): Promise<unknown[]> {
  const source = Readable.from(inChunks(Buffer.from(document), lengths), { objectMode: false });
  const found: unknown[] = [];
  for await (const { value } of source.pipe(streamArray.withParserAsStream())) found.push(value);
  return found;
}

describe('the records of an array', () => {
  it('are what an independent streaming parser finds, wherever the chunks break', async () => {
    await fc.assert(
      fc.asyncProperty(documents, sizes, async (document, lengths) => {
        const found = values(document, {}, lengths);
        expect(found).toStrictEqual(JSON.parse(document));
        expect(found).toEqual(await valuesByStreamJson(document, lengths));
      }),
      { numRuns: 500 },
    );
  });

  it('are found in a damaged document only where it is still one', () => {
    const bytes = fc.constantFrom(...Array.from('[]{}",:\\ \n\t0e-+.u/tné\u0000'));
    const damage = fc.record({
      at: fc.nat(),
      take: fc.integer({ min: 0, max: 3 }),
      put: fc.array(bytes, { maxLength: 2 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(documents, damage, sizes, (whole, { at, take, put }, lengths) => {
        const from = at % whole.length;
        // As it is read: half of a surrogate pair does not survive being sent.
        const document = Buffer.from(whole.slice(0, from) + put.join('') + whole.slice(from + take)).toString();
        // Another first character makes it another kind of document.
        fc.pre(document.trimStart().startsWith('['));
        const outcome = outcomeOf(() => values(document, {}, lengths));
        expect(outcome).toStrictEqual(outcomeOf(() => JSON.parse(document)));
        if (outcome !== 'refused') accepted += 1;
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

function outcomeOf(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof DocumentError && error.reason === 'incomplete'))
      return 'refused';
    throw error;
  }
}
