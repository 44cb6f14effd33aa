import { publishing, step, steps, TASK, type BrokenPipeline } from './broken-pipeline.js';

const TASK_FORMS = 'a task definition with a "name" or the { id } of a saved task';
const SHAPES: readonly BrokenPipeline[] = [
  {
    what: 'a misspelt key of a publication',
    text: publishing('{ store: local, tabel: prices, mode: append }'),
    says: [
      '6:9: steps.scrape.publish[0]: "table" is missing',
      '6:25: steps.scrape.publish[0]: unknown key "tabel", did you mean "table"?',
    ],
  },
  {
    what: 'a misspelt key of a step',
    text: step(TASK, 'publsh: []'),
    says: ['5:5: steps.scrape: unknown key "publsh", did you mean "publish"?'],
  },
  {
    what: 'an unknown key that is like none of few',
    text: step(TASK, 'expect: { atLeast: 1 }'),
    says: ['5:15: steps.scrape.expect: unknown key "atLeast", known here: "minRows", "maxRejected", "maxDrop"'],
  },
  {
    what: 'an unknown key that is like none of many',
    text: step(TASK, 'retries: 3'),
    says: ['5:5: steps.scrape: unknown key "retries"'],
  },
  {
    what: 'a key on top that does not exist',
    text: `${step(TASK)}\nversion: 1`,
    says: ['5:1: unknown key "version"'],
  },
  {
    what: 'a step without a task',
    text: step('accept: partial'),
    says: ['4:5: steps.scrape: "task" is missing, or a "pipeline" to run in its place'],
  },
  {
    what: 'a step without anything',
    text: steps('scrape:'),
    says: ['3:10: steps.scrape: "scrape" must be a mapping, is empty'],
  },
  { what: 'no name', text: 'steps: { a: { task: { id: x } } }', says: ['1:1: "name" is missing'] },
  { what: 'no steps', text: 'name: shop\nsteps: {}', says: ['2:8: steps: "steps" must have at least one step'] },
  {
    what: 'a list of steps',
    text: 'name: shop\nsteps:\n  - task: { id: x }',
    says: ['3:3: steps: "steps" must be a mapping, is a list'],
  },
  {
    what: 'a name that no workflow id should hold',
    text: step(TASK).replace('name: shop', 'name: my shop'),
    says: ['1:7: name: "name" must be 1 to 100 letters, digits, "-", "_" or "."'],
  },
  {
    what: 'a bad name of a step',
    text: steps('scrape it:', `  ${TASK}`),
    says: ['3:3: steps: "scrape it" must be 1 to 64 letters, digits, "-" or "_"'],
  },
  {
    what: 'a number as text and a text as number',
    text: step(TASK, 'records: 5', 'expect: { maxRejected: few }'),
    says: [
      '5:14: steps.scrape.records: "records" must be a text, is 5',
      '6:28: steps.scrape.expect.maxRejected: "maxRejected" must be a number, is a text',
    ],
  },
  {
    what: 'numbers out of range',
    text: step(TASK, 'expect:', '  minRows: -1', '  maxRejected: 5', '  maxDrop: -0.1'),
    says: [
      '6:16: steps.scrape.expect.minRows: "minRows" must be 0 or more',
      '7:20: steps.scrape.expect.maxRejected: "maxRejected" must be a share from 0 to 1',
      '8:16: steps.scrape.expect.maxDrop: "maxDrop" must be a share from 0 to 1',
    ],
  },
  {
    what: 'half a row',
    text: step(TASK, 'expect: { minRows: 1.5 }'),
    says: ['5:24: steps.scrape.expect.minRows: "minRows" must be a whole number, is 1.5'],
  },
  {
    what: 'yes, which is a text in YAML 1.2',
    text: step(TASK, 'coerce: yes'),
    says: ['5:13: steps.scrape.coerce: "coerce" must be true or false, is a text'],
  },
  {
    what: 'a choice that does not exist',
    text: step(TASK, 'onCancel: kill'),
    says: ['5:15: steps.scrape.onCancel: "onCancel" must be "stop", "keep" or "collect", is "kill"'],
  },
  {
    what: 'durations that nobody understands',
    text: step(TASK, 'deadline: 6 hour s', 'giveUpAfter: 0 hours'),
    says: [
      '5:15: steps.scrape.deadline: "deadline" must be a duration such as "6 hours", "90 minutes" or "7 days"',
      '6:18: steps.scrape.giveUpAfter: "giveUpAfter" must be a duration such as "6 hours", "90 minutes" or "7 days"',
    ],
  },
  {
    what: 'a duration without a unit',
    text: step(TASK, 'deadline: 6'),
    says: ['5:15: steps.scrape.deadline: "deadline" must be a duration such as "6 hours", is 6'],
  },
  {
    what: 'a parameter that is only its default',
    text: `${step(TASK)}\nparams: { query: laptops }`,
    says: [
      '5:18: params.query: "query" must be a mapping such as { default: laptops }, or {} without a default, is a text',
    ],
  },
];

const TASKS: readonly BrokenPipeline[] = [
  {
    what: 'a task that is a text',
    text: step('task: t-1'),
    says: [`4:11: steps.scrape.task: "task" must be ${TASK_FORMS}, is a text`],
  },
  {
    what: 'a task with neither id nor name',
    text: step('task: { nmae: Shops }'),
    says: [`4:11: steps.scrape.task: "task" must be ${TASK_FORMS}, and is neither`],
  },
  {
    what: 'a task with both',
    text: step('task: { id: t-1, name: Shops, urls: [] }'),
    says: ['4:11: steps.scrape.task: a task is either { id } alone or a definition, and a definition has no "id"'],
  },
  {
    what: 'a saved task with another key',
    text: step('task: { id: t-1, urls: [] }'),
    says: ['4:22: steps.scrape.task: unknown key "urls", known here: "id"'],
  },
  {
    what: 'an id that is a number',
    text: step('task: { id: 5 }'),
    says: ['4:17: steps.scrape.task.id: "id" must be a text, is 5'],
  },
  {
    what: 'a definition with an empty name and no schema',
    text: step('task:', '  name: ""', '  output_schema: none'),
    says: [
      '5:13: steps.scrape.task.name: "name" must not be empty',
      '6:22: steps.scrape.task.output_schema: "output_schema" must be a mapping, is a text',
    ],
  },
  {
    what: 'a task that the service would schedule',
    text: step('task: { name: Shops, execution_type: scheduled }'),
    says: [
      '4:42: steps.scrape.task.execution_type: "execution_type" must be "single": the service would run and bill a ' +
        '"scheduled" task for ever; to repeat it, use "single" and a Temporal schedule',
    ],
  },
  {
    what: 'another execution_type',
    text: step('task: { name: Shops, execution_type: once }'),
    says: ['4:42: steps.scrape.task.execution_type: "execution_type" must be "single", is "once"'],
  },
  {
    what: 'a number that JSON cannot write',
    text: step('task: { name: Shops, limits: { max: .inf } }'),
    says: ['4:41: steps.scrape.task.limits.max: "max" must be a JSON value: no .nan and no .inf'],
  },
];

const PUBLICATIONS: readonly BrokenPipeline[] = [
  {
    what: 'a merge without a key, with an empty key, and a key without a merge',
    text: publishing(
      '{ store: a, table: t, mode: merge }',
      '{ store: b, table: t, mode: merge, key: [] }',
      '{ store: c, table: t, mode: append, key: [sku] }',
    ),
    says: [
      '6:9: steps.scrape.publish[0]: mode "merge" needs a "key": the columns that identify a row',
      '7:49: steps.scrape.publish[1].key: "key" must name at least one column',
      '8:50: steps.scrape.publish[2].key: "key" goes with mode "merge" only, not with "append"',
    ],
  },
  {
    what: 'an empty table and no mode',
    text: publishing('{ store: local, table: "" }'),
    says: [
      '6:9: steps.scrape.publish[0]: "mode" is missing, it can be "append", "replace" or "merge"',
      '6:32: steps.scrape.publish[0].table: "table" must not be empty',
    ],
  },
  {
    what: 'a publication that is a text',
    text: publishing('local'),
    says: ['6:9: steps.scrape.publish[0]: must be a mapping, is a text'],
  },
  {
    what: 'the same table twice, whatever else is wrong',
    text: publishing('{ store: a, table: t, mode: append }', '{ store: a, table: t, mode: replcae }'),
    says: [
      '7:9: steps.scrape.publish[1]: publishes to table "t" of store "a", as publish[0] does already: leave one out',
      '7:37: steps.scrape.publish[1].mode: "mode" must be "append", "replace" or "merge", is "replcae"',
    ],
  },
  {
    what: 'a merge key that is no property of the schema',
    text: step(
      'task:',
      '  name: Shops',
      '  output_schema: { type: object, properties: { sku: {}, price: {} } }',
      'publish:',
      '  - { store: a, table: t, mode: merge, key: [sku, prize] }',
    ),
    says: ['8:55: steps.scrape.publish[0].key[1]: the output_schema has no property "prize", did you mean "price"?'],
  },
  {
    what: 'a secret instead of its name',
    text: step(TASK, 'secretPayload: { apiKey: sk-live-123 }'),
    says: [
      '5:30: steps.scrape.secretPayload.apiKey: "apiKey" must be the NAME of a secret (letters, digits and "_"), never ' +
        'the secret itself: the worker takes the value from its environment, TITANFLOW_SECRET_<NAME>',
    ],
  },
];

const GRAPHS: readonly BrokenPipeline[] = [
  {
    what: 'steps after steps that do not exist',
    text: steps(
      'find:',
      `  ${TASK}`,
      'scrape:',
      `  ${TASK}`,
      '  after: fnid',
      'load:',
      `  ${TASK}`,
      '  after:',
      '    - find',
      '    - clean',
    ),
    says: [
      '7:12: steps.scrape.after: there is no step "fnid", did you mean "find"?',
      '12:9: steps.load.after[1]: there is no step "clean", known here: "find", "scrape"',
    ],
  },
  {
    what: 'an after that is no name',
    text: step(TASK, 'after: 5'),
    says: ['5:12: steps.scrape.after: "after" must be a text or a list, is 5'],
  },
  {
    what: 'a list of afters with a number and a wrong name',
    text: step(TASK, 'after: [5, scrapr]'),
    says: [
      '5:13: steps.scrape.after[0]: must be a text, is 5',
      '5:16: steps.scrape.after[1]: there is no step "scrapr"',
    ],
  },
  {
    what: 'a circle, beside another mistake',
    text: steps('a:', `  ${TASK}`, '  after: b', 'b:', `  ${TASK}`, '  after: [a]', '  foo: 1'),
    says: ['5:12: steps.a.after: these steps wait for each other: a -> b -> a', '9:5: steps.b: unknown key "foo"'],
  },
  {
    what: 'references to what does not exist, anywhere in a step',
    text: `${step('task:', '  name: Shops', '  urls:', '    - https://shop.example', '    - "${params.qery} ${params.query} ${run.kye} ${batch}"', 'publish:', '  - { store: "${env.HOME}", table: t, mode: append }')}\nparams: { query: {} }`,
    says: [
      '8:11: steps.scrape.task.urls[1]: ${params.qery}: no parameter "qery" is declared, did you mean "${params.query}"?',
      '8:11: steps.scrape.task.urls[1]: there is no reference ${run.kye}, did you mean "${run.key}"?',
      '8:11: steps.scrape.task.urls[1]: ${batch} goes with "forEach" only: it is the list of the values of a batch',
      '10:18: steps.scrape.publish[0].store: there is no reference ${env.HOME}, known here: "${params.query}", "${run.key}", "${run.scheduledTime}"',
    ],
  },
];

/** Files that are YAML, but no pipelines. */
export const BROKEN_PIPELINES = [...SHAPES, ...TASKS, ...PUBLICATIONS, ...GRAPHS];
