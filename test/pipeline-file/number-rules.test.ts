import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/pipeline-file/problems.js';
import { parsePipeline } from '../../src/pipeline-file/read-pipeline-file.js';

const TASK = 'name: x, urls: ["https://x.example"], objective: o';

function problemsOf(text: string, fileName = 'p.yaml'): string[] {
  const read = parsePipeline(text, fileName);
  return 'problems' in read ? read.problems.map((problem) => formatProblem(fileName, problem)) : [];
}

const inPayload = (text: string): string => `name: p\nsteps: { s: { task: { ${TASK}, payload: { v: ${text} } } } }\n`;
const inDefault = (text: string): string =>
  `name: p\nparams: { v: { default: ${text} } }\nsteps: { s: { task: { ${TASK} } } }\n`;

const REWRITTEN = [
  ['01234', '1234'],
  ['-007', '-7'],
  ['1.10', '1.1'],
  ['1.0', '1'],
  ['1.', '1'],
  ['.5', '0.5'],
  ['+1', '1'],
  ['1e5', '100000'],
  ['1E-2', '0.01'],
  ['0x1F', '31'],
  ['0o17', '15'],
  ['-0', '0'],
  ['&anchor 1.50', '1.5'],
] as const;

const LOST = [
  '12345678901234567890',
  '-9007199254740993',
  '9007199254740992',
  '1e22',
  '1e400',
  '0.1000000000000000055',
  '0xFFFFFFFFFFFFFFFF',
];

const KEPT = [
  '0',
  '-1',
  '1.5',
  '9007199254740991',
  '0.001',
  '1_000',
  '2024-01-01',
  '12:30:00',
  'yes',
  'NO',
  'off',
  '0b11',
  '1.2.3',
  '"01"',
  "'1e5'",
  '!!str 007',
  '~',
  'null',
  'true',
  '"TRUE"',
];

describe('a number in a pipeline file', () => {
  it.each(REWRITTEN)('%s, which JSON writes otherwise, is a problem where the text may count', (text, sent) => {
    const shown = text.replace('&anchor ', '');
    const says = `${shown} would become ${sent}: write ${sent} for the number, or "${shown}" in quotes for the text`;
    const shift = text.length - shown.length;

    expect(problemsOf(inPayload(text))).toEqual([`p.yaml:2:${89 + shift}: steps.s.task.payload.v: ${says}`]);
    expect(problemsOf(inDefault(text))).toEqual([`p.yaml:2:${25 + shift}: params.v.default: ${says}`]);
  });

  it.each(LOST)('%s, which loses digits, is a problem', (text) => {
    expect(problemsOf(inPayload(text))).toContainEqual(
      expect.stringMatching(/^p\.yaml:2:89: steps\.s\.task\.payload\.v: .*: put it in quotes, "/),
    );
    expect(problemsOf(inDefault(`[{ deep: ${text} }]`))).toContainEqual(
      expect.stringMatching(/^p\.yaml:2:34: params\.v\.default\[0\]\.deep: .*: put it in quotes, "/),
    );
  });

  it.each(KEPT)('%s arrives as it is written', (text) => {
    expect(problemsOf(inPayload(text))).toEqual([]);
    expect(problemsOf(inDefault(text))).toEqual([]);
  });

  it.each(['TRUE', 'False', 'Null', 'NULL'])('is no text either: %s', (text) => {
    expect(problemsOf(inDefault(text))).toEqual([
      `p.yaml:2:25: params.v.default: ${text} would become ${text.toLowerCase()}: write ${text.toLowerCase()}, or "${text}" in quotes for the text`,
    ]);
  });

  it('may be written in any way where only its amount counts, unless others may read it in base 8', () => {
    const text = (share: string): string =>
      `name: p\nparams: { a: { type: number, default: 1.0 } }\nsteps:\n  s:\n    task: { ${TASK}, output_schema: { type: number, minimum: 0.0, multipleOf: 1e-2 } }\n    expect: { maxRejected: ${share} }\n`;

    expect(problemsOf(text('.50'))).toEqual([]);
    expect(problemsOf(text('01'))).toEqual([
      'p.yaml:6:28: steps.s.expect.maxRejected: 01 would become 1: write 1 for the number, or "01" in quotes for the text',
    ]);
  });

  it('of an output_schema is a problem where it loses digits, or where rows are compared with another text', () => {
    const schema = 'type: object, properties: { a: { maximum: 18446744073709551615 }, b: { enum: [01234, "x"] } }';

    expect(problemsOf(`name: p\nsteps: { s: { task: { ${TASK}, output_schema: { ${schema} } } } }\n`)).toEqual([
      'p.yaml:2:134: steps.s.task.output_schema.properties.a.maximum: 18446744073709551615 cannot be kept exactly: give a number of at most 9007199254740991 and 15 digits, or leave the key out',
      'p.yaml:2:170: steps.s.task.output_schema.properties.b.enum[0]: 01234 would become 1234: write 1234 for the number, or "01234" in quotes for the text',
    ]);
  });

  it('is found through an alias, in the parameters of a schedule, and in a pipeline within a step', () => {
    const text = [
      'name: p',
      'params: { a: { default: x }, n: { type: integer, default: 1 } }',
      'steps:',
      '  s: { task: { name: x, urls: ["https://x.example"], limits: { v: &v 1.10 }, payload: { v: *v } } }',
      '  t: { pipeline: { name: q, params: { b: { default: 1.20 } }, steps: { u: { task: { name: y, urls: ["https://x.example"] } } } } }',
      'schedule: { cron: "0 * * * *", params: { a: "1", n: 1.0 } }',
    ].join('\n');

    expect(problemsOf(text).map((problem) => problem.split(' would')[0])).toEqual([
      'p.yaml:4:70: steps.s.task.limits.v: 1.10',
      'p.yaml:4:92: steps.s.task.payload.v: 1.10',
      'p.yaml:5:53: steps.t.pipeline.params.b.default: 1.20',
    ]);
  });

  it('of JSON is an amount, except in a parameter, and must not lose digits', () => {
    const json = (payload: string, value = '1'): string =>
      `{"name":"p","params":{"v":{"default":${value}}},"steps":{"s":{"task":{"name":"x","urls":["https://x.example"],"payload":{"v":${payload}}}}}}`;

    expect(problemsOf(json('1.0'), 'p.json')).toEqual([]);
    expect(problemsOf(json('1E5', '1.10'), 'p.json')).toEqual([
      'p.json:1:38: params.v.default: 1.10 would become 1.1: write 1.1 for the number, or "1.10" in quotes for the text',
    ]);
    expect(problemsOf(json('9007199254740993'), 'p.json')).toEqual([
      'p.json:1:119: steps.s.task.payload.v: 9007199254740993 is beyond 9007199254740991, and numbers lose digits there: put it in quotes, "9007199254740993"',
    ]);
  });

  it.each(['!!binary aGVsbG8=', '!!timestamp 2024-01-01', '!own x', '!!float 1'])(
    'or a text with a tag is not guessed at: %s',
    (text) => {
      const [tag] = text.split(' ');
      expect(problemsOf(inPayload(text))).toEqual([
        `p.yaml:2:89: the tag ${tag} is not supported: leave it out, and put the value in quotes if it is a text`,
      ]);
    },
  );
});
