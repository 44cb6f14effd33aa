import { step, steps, TASK, type BrokenPipeline } from './broken-pipeline.js';

/** Files that are no YAML, or YAML that is not taken. */
export const BROKEN_SYNTAX: readonly BrokenPipeline[] = [
  { what: 'an empty file', text: ' \n', says: ['1:1: the file is empty'] },
  { what: 'only a comment', text: '# later\n', says: ['1:1: the file is empty'] },
  { what: 'a text', text: 'shop', says: ['1:1: must be a mapping, is a text'] },
  { what: 'a tab', text: 'name: shop\nsteps:\n\tscrape: {}', says: ['3:1: Tabs are not allowed as indentation'] },
  { what: 'an open quote', text: 'name: "shop\nsteps: {}\n', says: ['3:1: Missing closing "quote'] },
  {
    what: 'duplicate keys, all of them',
    text: 'name: a\nname: b\nsteps:\n  x: 1\n  x: 2',
    says: ['2:1: duplicate key: this mapping has it already', '5:3: duplicate key: this mapping has it already'],
  },
  {
    what: 'two documents',
    text: 'name: a\n---\nname: b',
    says: ['2:1: only one document in a file: remove the "---" and what follows'],
  },
  {
    what: 'a merge key',
    text: step('<<: *base', TASK).replace('name: shop', 'name: &base shop'),
    says: ['4:5: merge keys (<<) are not supported: write the keys out'],
  },
  { what: 'an alias without an anchor', text: step('task: *base'), says: ['4:11: there is no anchor &base before it'] },
  { what: 'an alias in itself', text: step('task: &t { name: x, self: *t }'), says: ['4:31: *t contains itself'] },
  {
    what: 'aliases that multiply',
    text: multiplied(),
    says: ['2:8: aliases (*name) expand to more than 100 copies'],
  },
  {
    what: 'a tag',
    text: 'name: !env SHOP',
    says: ['1:7: the tag !env is not supported: leave it out, and put the value in quotes if it is a text'],
  },
  {
    what: 'YAML 1.1',
    text: `%YAML 1.1\n---\n${step(TASK)}`,
    says: ['1:1: only YAML 1.2 is read: remove the %YAML line'],
  },
  {
    what: 'a key that JavaScript would lose',
    text: steps('__proto__:', `  ${TASK}`),
    says: ['3:3: the key __proto__ is not allowed'],
  },
];

/** Five hundred bytes that mean ten thousand values. */
function multiplied(): string {
  const tenOf = (text: string): string => `[${Array.from({ length: 10 }, () => text).join(', ')}]`;
  return [`a: &a ${tenOf('x')}`, `b: &b ${tenOf('*a')}`, `c: &c ${tenOf('*b')}`, `d: ${tenOf('*c')}`].join('\n');
}
