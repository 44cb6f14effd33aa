import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { refuseUnusableSchema } from '../../src/rows/check-schema.js';
import { openJudgeThread } from '../../src/rows/judge-thread-client.js';
import { SchemaError, type SchemaFault } from '../../src/rows/schema-error.js';

async function faultOf(outputSchema: Json): Promise<SchemaFault | undefined> {
  try {
    await refuseUnusableSchema({ outputSchema, format: 'json' }, AbortSignal.timeout(30_000));
    return undefined;
  } catch (error) {
    if (error instanceof SchemaError) return error.fault;
    throw error;
  }
}

const withX = (x: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties: { x }, ...more });
const DRAFT_2020 = { $schema: 'https://json-schema.org/draft/2020-12/schema' };

describe('a schema that cannot be used', () => {
  it.each<[JsonObject, SchemaFault['path'], string]>([
    [{ type: 'float' }, ['type'], 'there is no type "float", did you mean "number"?'],
    [{ type: 'String' }, ['type'], 'there is no type "String", did you mean "string"?'],
    [{ type: ['null', 'int'] }, ['type', 1], 'there is no type "int", did you mean "integer"?'],
    [
      { type: 'thing' },
      ['type'],
      'there is no type "thing", it can be string, number, integer, boolean, object, array, null',
    ],
    [{ items: { type: 'dict' } }, ['items', 'type'], 'there is no type "dict", did you mean "object"?'],
    [
      { minimum: 0, exclusiveMinimum: true },
      ['exclusiveMinimum'],
      'true or false as "exclusiveMinimum" is of draft-04: write "exclusiveMinimum": 0 in place of "minimum"',
    ],
    [
      { maximum: 9, exclusiveMaximum: false },
      ['exclusiveMaximum'],
      'true or false as "exclusiveMaximum" is of draft-04: leave it out, "maximum" alone means the same',
    ],
    [
      { required: true },
      ['required'],
      'true or false as "required" is of draft-03: list the names of required properties beside "properties"',
    ],
    [{ minLength: 'a' }, ['minLength'], 'must be integer'],
    [
      { pattern: '(?i)^abc$' },
      ['pattern'],
      `the pattern "(?i)^abc$" cannot be read: JavaScript's patterns have no (?i); write both cases, such as [Aa]`,
    ],
    [
      { patternProperties: { '(a': { type: 'string' } } },
      ['patternProperties', '(a'],
      'the pattern "(a" cannot be read: Unterminated group',
    ],
    [
      { $ref: '#/definitions/money' },
      ['$ref'],
      'nothing is at "#/definitions/money": only places within the schema can be referred to',
    ],
  ])('is told with the place of what is wrong: %j', async (x, path, message) => {
    const fault = { path: ['properties', 'x', ...path], message };

    expect(await faultOf(withX(x))).toEqual(fault);
    expect(await faultOf(withX(x, DRAFT_2020))).toEqual(fault);
  });

  it('says so in the words of a run', async () => {
    await expect(
      refuseUnusableSchema({ outputSchema: withX({ type: 'float' }), format: 'json' }, AbortSignal.timeout(30_000)),
    ).rejects.toThrow(
      'the output_schema cannot be used: /properties/x/type: there is no type "float", did you mean "number"?',
    );
  });
});

describe('a pattern', () => {
  it.each([
    [String.raw`^[a-z0-9\.\_\-]+@[a-z]+\.[a-z]{2,}$`, 'a_b-c@d.ef', 'A@b.cd'],
    [String.raw`^\d{2}\-\d{2}$`, '12-34', '1234'],
    [String.raw`^[\w-.]+$`, 'a-b.c', 'a b'],
    [String.raw`^\#[\da-f]{6}\ \!$`, '#00ff00 !', '00ff00'],
    [String.raw`^(?<a>x)\k<a>\_$`, 'xx_', 'x_'],
    [String.raw`^(a)\1\-$`, 'aa-', 'a-'],
    [String.raw`^[a-z.!#$%&'*+/=?^_{|}~\_]+\@x$`, 'a*+b@x', 'A@x'],
    [String.raw`^\p{L}+$`, 'Käse', '12'],
    ['^.$', '😀', 'ab'],
  ])('that other languages take is used by validate and by a run alike: %s', async (pattern, good, bad) => {
    const outputSchema = withX({ type: 'string', pattern });
    expect(await faultOf(outputSchema)).toBeUndefined();

    const thread = openJudgeThread({ outputSchema, format: 'json' });
    const records = [good, bad].map((x, row) => ({ row, text: JSON.stringify({ x }) }));
    const rejects = [...(await thread.judge(records)), ...(await thread.settled())];
    await thread.close();
    expect(rejects.map(({ row }) => row)).toEqual([1]);
  });

  it.each([
    ['(?P<year>[0-9]{4})', "JavaScript's patterns have no (?P<name>…); write (?<name>…)"],
    ['(?<y>a)(?P=y)', String.raw`JavaScript's patterns have no (?P=name); write \k<name>`],
    ['(?>a+)b', "JavaScript's patterns have no (?>…)"],
    ['a++', "JavaScript's patterns have no ++; leave the second + out"],
    [String.raw`\Aabc\Z`, String.raw`JavaScript's patterns have no \A; write ^`],
    [String.raw`abc\z`, String.raw`JavaScript's patterns have no \z; write $`],
    [String.raw`\Qa.b\E`, String.raw`JavaScript's patterns have no \Q`],
    ['[[:alpha:]]+', "[:alpha:] is no class of JavaScript's patterns; write its characters, such as [A-Za-z]"],
    ['^a{,3}$', "JavaScript's patterns have no {,3}; write {0,3}"],
    [
      String.raw`^\p{Lu}\_$`,
      String.raw`with \p{…}, a \ may stand only where JavaScript needs it; leave the others out`,
    ],
    [String.raw`^(a)\2\-$`, String.raw`\2 names a group that is not there`],
    [String.raw`^\k<a>\-$`, String.raw`\k<…> names a group that is not there`],
    [
      String.raw`^[😀\_]$`,
      String.raw`with characters beyond U+FFFF, a \ may stand only where JavaScript needs it, and a - between others only at an end`,
    ],
    ['[b-a]', 'Range out of order in character class'],
  ])('that would mean something else without a word is refused: %s', async (pattern, why) => {
    expect(await faultOf(withX({ pattern }))).toEqual({
      path: ['properties', 'x', 'pattern'],
      message: `the pattern ${JSON.stringify(pattern)} cannot be read: ${why}`,
    });
  });
});
