import pc from 'picocolors';
import type { PlannedTask } from './look-for-tasks.js';
import type { ClockChange } from './clock-changes.js';
import type { Plan, PlannedStep } from './plan.js';
import type { ScheduleCosts } from './plan-costs.js';
import { DEFAULT_BATCH } from './plan-steps.js';
import type { PlannedTable } from './plan-tables.js';

/** A plan for people. */
export function showPlan({ pipeline, requestsPerMinute, steps, costs, schedule, tasksNotLooked }: Plan): string {
  const { executions, dependsOnRowsOf, requests, minutesOfBudget, cap } = costs;
  const more = dependsOnRowsOf.length === 0 ? '' : `, and more by the rows of ${dependsOnRowsOf.join(', ')}`;
  const budget =
    minutesOfBudget === undefined
      ? ''
      : `: all of the budget (${requestsPerMinute} a minute) for ${rounded(minutesOfBudget)} min`;
  return [
    `pipeline ${pipeline}: at most ${counted(executions, 'execution')}${more}, about ${counted(requests, 'request')}${budget}`,
    ...(cap === undefined ? [] : [`maxExecutions stops it at ${cap}`]),
    ...(schedule ? [scheduleLine(schedule, requestsPerMinute)] : []),
    ...(schedule?.clockChanges ?? []).map(clockLine),
    ...steps.flatMap((step) => ['', ...stepLines(step)]),
    ...(tasksNotLooked === undefined ? [] : ['', pc.dim(`tasks were not looked for: ${tasksNotLooked}`)]),
  ].join('\n');
}

function scheduleLine(
  { when, runsADay, executionsADay, requestsADay, shareOfBudget }: ScheduleCosts,
  rpm: number,
): string {
  const share = shareOfBudget === undefined ? '' : `, ${rounded(shareOfBudget * 100)} % of ${rpm} a minute`;
  return `scheduled ${when}: ${counted(rounded(runsADay), 'run')} on a day, ${counted(executionsADay, 'execution')}, about ${counted(requestsADay, 'request')}${share}`;
}

function clockLine({ date, what, times, count }: ClockChange): string {
  const told = `${times.join(', ')}${count > times.length ? ', …' : ''}`;
  const effect =
    what === 'missing' ? 'are put forward over it: nothing starts then' : 'are put back: it starts once or twice';
  return `  ! ${date} at ${told}: the clocks ${effect}; with timezone UTC no time is special`;
}

function stepLines({ name, level, after, task, forEach, executions, requests, tables }: PlannedStep): string[] {
  const facts = [
    ...(task ? [['task', taskText(task)]] : [['pipeline', 'runs the steps below its name']]),
    ...(forEach
      ? [['for each', `${forEach.field} of ${forEach.rowsOf}, ${forEach.batch ?? DEFAULT_BATCH} at a time`]]
      : []),
    ...(task
      ? [['executions', executions === undefined ? `depends on the rows of ${forEach?.rowsOf}` : String(executions)]]
      : []),
    ...(task && requests !== undefined ? [['requests', `about ${rounded(requests)}`]] : []),
  ];
  const order = after.length === 0 ? 'starts at once' : `after ${after.join(', ')}`;
  return [
    `${level}. ${pc.bold(name)} (${order})`,
    ...facts.map(([what = '', text]) => `   ${what.padEnd(11)} ${text}`),
    ...tables.flatMap(tableLines),
  ];
}

function taskText({ name, state, taskId }: PlannedTask): string {
  switch (state) {
    case 'found':
      return `${name}: found, ${taskId}`;
    case 'new':
      return `${name}: new, it will be made`;
    case 'new each time':
      return `${name}: a new one for each run or batch`;
    case 'not looked':
      return name;
  }
}

function tableLines({ store, table, kind, mode, key, columns, sql, path, notLooked, problem }: PlannedTable): string[] {
  const how = mode === 'merge' ? `merge by ${(key ?? []).join(', ')}` : mode;
  const head = `   ${'table'.padEnd(11)} ${store}/${table} (${kind}, ${how})`;
  if (problem !== undefined) return [`${head}: ${pc.red(problem)}`];
  const indent = ' '.repeat(15);
  const lines = columns ? [`${indent}columns: ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}`] : [];
  if (path !== undefined) lines.push(`${indent}files: ${path}`);
  if (columns === undefined) lines.push(`${indent}columns: the task has no output_schema, so the rows tell`);
  lines.push(...sql.map((statement) => `${indent}${statement};`));
  if (notLooked !== undefined) lines.push(pc.dim(`${indent}as for a new table: ${notLooked}`));
  const isReady = path === undefined && columns !== undefined && sql.length === 0;
  return [isReady ? `${head}: is as it must be` : head, ...lines];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function rounded(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
}
