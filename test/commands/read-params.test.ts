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
});
