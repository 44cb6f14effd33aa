import type { Profiles } from '../profiles.js';
import { NOT_READY } from '../service/task-scripts.js';
import { pipelineRun } from './pipeline-run.js';
import { taskRun, type Starter } from './task-run.js';
import { IMPATIENT, type Wanted } from './wanted.js';

/** Runs share tasks, so that one may find what another has started. */
const TASKS = 4;
const PIPELINE_TASKS = 2;

/** The run of this number: every third one is a plain one, those between are of all special kinds in turn. */
export function mixRuns(starter: Starter, profiles: Profiles): (index: number) => Wanted {
  const specials = specialsOf(profiles);
  return (index) => {
    const isPlain = index % 3 === 0;
    const special = isPlain ? undefined : specials[(index - Math.floor(index / 3) - 1) % specials.length];
    return (special ?? plain)(starter, `${starter.taskQueue}/${index}`, index);
  };
}

type Make = (starter: Starter, id: string, index: number) => Wanted;

const plain: Make = (starter, id, index) =>
  taskRun(starter, id, { kind: 'task', taskName: `Chaos ${Math.floor(index / 3) % TASKS}` });

/** The kinds that the profiles add; pipelines are most of what there is to go wrong. */
function specialsOf(profiles: Profiles): readonly Make[] {
  const kinds: Make[] = [
    ...(profiles.has('retries') ? [retried('keep'), retried('stop')] : []),
    ...(profiles.has('odd') ? ODD : []),
    ...(profiles.has('not-ready') ? NOT_READY.map(late) : []),
    ...(profiles.has('patterns') ? [pattern] : []),
    ...(profiles.has('long-texts') ? [longError] : []),
  ];
  if (!profiles.has('pipelines')) return kinds;
  const pipelines = [pipeline(false), ...(profiles.has('retries') ? [pipeline(true)] : [])];
  // A pipeline goes before every second of the other kinds, and each pipeline comes at least once.
  const rounds = Math.max(Math.ceil(kinds.length / 2), pipelines.length);
  return Array.from({ length: rounds }, (_, round) => [
    ...pipelines.slice(round % pipelines.length, (round % pipelines.length) + 1),
    ...kinds.slice(2 * round, 2 * round + 2),
  ]).flat();
}

function pipeline(isRetried: boolean): Make {
  return (starter, id, index) => pipelineRun(starter, id.replaceAll('/', '-'), index % PIPELINE_TASKS, isRetried);
}

function retried(onCancel: 'keep' | 'stop'): Make {
  return (starter, id, index) =>
    taskRun(starter, id, { kind: 'task with retries', taskName: `Chaos ${index % TASKS}`, isRetried: true, onCancel });
}

function late(status: (typeof NOT_READY)[number]): Make {
  return (starter, id) => taskRun(starter, id, { kind: `results late, ${status}`, taskName: `Chaos late ${status}` });
}

const pattern: Make = (starter, id) =>
  taskRun(starter, id, {
    kind: 'hostile pattern',
    taskName: 'Chaos pattern',
    table: 'hostile_products',
    rows: 4,
    schema: {
      type: 'object',
      properties: { title: { type: 'string' }, email: { type: 'string', pattern: '^([a-z0-9]+)+@' } },
    },
  });

const longError: Make = (starter, id) =>
  taskRun(starter, id, {
    kind: 'error of 900 kB',
    taskName: 'Chaos long error',
    isFair: false,
    mayEndAs: ['ExecutionFailed'],
  });

/** Bad ends that an odd run may have: it must only end, and hold up nobody. */
const GIVEN_UP = ['DeadlineExceeded', 'ServiceUnavailable', 'ExportIncomplete', 'ExecutionCancelled', 'TaskRejected'];

const ODD: readonly Make[] = [
  odd('null', { ...IMPATIENT, mayEndAs: GIVEN_UP }),
  odd('time', {}),
  odd('500', { ...IMPATIENT, mayEndAs: GIVEN_UP }),
  odd('canceled', { mayEndAs: ['ExecutionCancelled'] }),
  // Nobody can find such an execution: only a run that does not send again is safe.
  odd('unlisted', { onUnknown: 'fail' }),
];

function odd(name: string, options: Partial<Parameters<typeof taskRun>[2]>): Make {
  return (starter, id) =>
    taskRun(starter, id, { kind: `odd: ${name}`, taskName: `Chaos odd ${name}`, isFair: false, ...options });
}
