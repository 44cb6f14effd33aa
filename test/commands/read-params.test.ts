import { describe, expect, it } from 'vitest';
import { readParams } from '../../src/commands/read-pipeline.js';
import type { PipelineSpec } from '../../src/domain/pipeline.js';

const spec: PipelineSpec = {
  name: 'x',
  params: {
    text: { type: 'string', default: '' },
    query: { default: 'laptops' },
    pages: { type: 'integer', default: 1 },
    share: { default: 0.5 },
    urls: { type: 'list', default: [] },
    limits: { type: 'object', default: {} },
    fresh: { type: 'boolean', default: false },
    any: { default: null },
  },
  steps: { a: { task: { id: 't' } } },
};

describe('a parameter on the command line', () => {
  it('is read by its type', () => {
    const given = [
      'text={"a":1}',
      'query=5',
      'pages=3',
      'share=1e-1',
      'urls=["a",1]',
      'limits={"max":2}',
      'fresh=true',
    ];

    expect(readParams('x.yaml', spec, given)).toEqual({
      text: '{"a":1}',
      query: '5',
      pages: 3,
      share: 0.1,
      urls: ['a', 1],
      limits: { max: 2 },
      fresh: true,
    });
  });

  it('of no type is read as JSON, else as text', () => {
    expect(readParams('x.yaml', spec, ['any=5'])).toEqual({ any: 5 });
    expect(readParams('x.yaml', spec, ['any=a=b'])).toEqual({ any: 'a=b' });
  });

  it('is refused by name, with what was expected, all at once', () => {
    expect(() => readParams('x.yaml', spec, ['pages=many', 'urls=a,b', 'fresh=yes', 'qery=x'])).toThrow(
      [
        'x.yaml: parameter "pages" must be a whole number, is a text',
        'x.yaml: parameter "urls" must be a list such as ["a", "b"], is a text',
        'x.yaml: parameter "fresh" must be true or false, is a text',
        'x.yaml: parameter "qery" is not declared, did you mean "query"?',
      ].join('\n'),
    );
    expect(() => readParams('x.yaml', spec, ['pages'])).toThrow('--param pages: write it as name=value');
  });

  it.each([
    '12345678901234567890',
    '01234',
    '1.10',
    '1e5',
    '0x1F',
    '.5',
    '+1',
    '1_000',
    'true',
    'null',
    '2024-01-01',
    '',
  ])('stays the text that it is where nothing else is declared: %j', (text) => {
    const bare: PipelineSpec = { ...spec, params: { any: {} } };

    expect(readParams('x.yaml', bare, [`any=${text}`])).toEqual({ any: text });
    expect(readParams('x.yaml', spec, [`query=${text}`])).toEqual({ query: text });
  });

  it('is a list or a mapping where it reads as one, unless something of it would be lost', () => {
    const bare: PipelineSpec = { ...spec, params: { any: {} } };
    const read = (text: string) => () => readParams('x.yaml', bare, [`any=${text}`]);

    expect(read('["a",{"b":1}]')()).toEqual({ any: ['a', { b: 1 }] });
    expect(read('["a",1')()).toEqual({ any: '["a",1' });
    expect(read('[9007199254740993]')).toThrow(
      'x.yaml: parameter "any" has the number 9007199254740993, which loses digits: put it in quotes',
    );
    expect(read('{"a":1,"a":2}')).toThrow(
      'x.yaml: parameter "any" cannot be used: duplicate key: this mapping has it already',
    );
  });

  it.each(['1.10', '01234', '12345678901234567890', '1e5'])('of any type keeps its text: %s', (text) => {
    expect(readParams('x.yaml', spec, [`any=${text}`])).toEqual({ any: text });
  });

  it.each([
    [
      'share=007',
      'must be a number as JSON writes them, such as 7, 0.5 or 1e5, is 007; write 7, or give the parameter `type: string`',
    ],
    [
      'pages=+1',
      'must be a number as JSON writes them, such as 7, 0.5 or 1e5, is +1; write 1, or give the parameter `type: string`',
    ],
    ['share=.5', 'must be a number as JSON writes them, such as 7, 0.5 or 1e5, is .5'],
    ['pages=1_000', 'must be a number as JSON writes them, such as 7, 0.5 or 1e5, is 1_000'],
    [
      'pages=12345678901234567890',
      'cannot be 12345678901234567890: a number cannot keep all its digits; give the parameter `type: string` to keep it as a text',
    ],
    [
      'share=0.1000000000000000055',
      'cannot be 0.1000000000000000055: a number cannot keep all its digits; give the parameter `type: string` to keep it as a text',
    ],
  ])('that is a number is refused where it cannot be kept: %s', (given, says) => {
    const [name] = given.split('=');
    expect(() => readParams('x.yaml', spec, [given])).toThrow(`x.yaml: parameter "${name}" ${says}`);
  });
});
