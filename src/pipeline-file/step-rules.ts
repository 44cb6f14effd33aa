import { followFields } from './follow-schema.js';
import { quote } from './nearest.js';
import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

const TASK_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(followFields),
  'executionId',
  'onUnknown',
  'onPaused',
  'secretPayload',
]);

/** What an editor is told of the same. */
export const STEP_FORMS = {
  oneOf: [
    { required: ['task'], not: { anyOf: [{ required: ['pipeline'] }, { required: ['params'] }] } },
    {
      required: ['pipeline'],
      propertyNames: { enum: ['pipeline', 'params', 'after', 'when', 'onFailure'] },
    },
  ],
  if: { required: ['forEach'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { properties: { task: { required: ['name'] } }, not: { required: ['executionId'] } },
};

/** A step is one run of a task, the runs of a `forEach`, or another pipeline: which of its keys go together. */
export function stepRule(step: unknown): readonly Finding[] {
  if (!isObject(step)) return [];
  return 'pipeline' in step ? pipelineStep(step) : taskStep(step);
}

function pipelineStep(given: Readonly<Record<string, unknown>>): readonly Finding[] {
  const finding = (key: string, message: string): Finding => ({ path: [], key, message });
  return Object.keys(given).flatMap((key) => {
    if (key === 'task') return [finding(key, 'a step has a "task" or a "pipeline", not both')];
    if (key === 'forEach') return [finding(key, '"forEach" feeds a "task", it cannot feed a "pipeline"')];
    if (!TASK_KEYS.has(key)) return [];
    return [
      finding(key, `${quote(key)} goes with a "task" only: the steps of the other pipeline say it for themselves`),
    ];
  });
}

function taskStep({ task, params, forEach, executionId }: Readonly<Record<string, unknown>>): readonly Finding[] {
  const findings: Finding[] = [];
  if (task === undefined)
    findings.push({ path: [], message: '"task" is missing, or a "pipeline" to run in its place' });
  if (params !== undefined) {
    const message = '"params" goes with a "pipeline" only: they are the parameters of the other pipeline';
    findings.push({ path: [], key: 'params', message });
  }
  if (forEach === undefined) return findings;
  if ('id' in objectOf(task)) {
    const message = '"forEach" needs a task definition: a saved task has its own urls, no batch can be put into it';
    findings.push({ path: [], key: 'task', message });
  }
  if (executionId !== undefined) {
    const message = '"executionId" is one execution, "forEach" starts one for each batch: leave one of them out';
    findings.push({ path: [], key: 'executionId', message });
  }
  return findings;
}
