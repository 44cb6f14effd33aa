import type { Duration } from './duration.js';
import type { ResolvedScenario } from './scenario.js';

/** What one task's executions do. */
export interface Script {
  readonly seconds: Duration;
  readonly rows: number;
  readonly badRows: number;
  /** Path of what is sent in place of rows. */
  readonly file?: string;
  readonly status: string;
  readonly error?: string;
  readonly refuse?: ResolvedScenario['tasks'][number]['refuse'];
}

/** How executions of a task with this name go. */
export function scriptFor(scenario: ResolvedScenario, taskName: string): Script {
  const own = scenario.tasks.find((task) => matchesName(task.name, taskName));
  const status = own?.status ?? scenario.status;
  const error = own?.error ?? scenario.error;
  const file = own?.file ?? scenario.file;
  return {
    seconds: own?.seconds ?? scenario.seconds,
    rows: own?.rows ?? scenario.rows ?? (status === 'failed' ? 0 : 20),
    badRows: own?.badRows ?? scenario.badRows,
    ...(file === undefined ? {} : { file }),
    status,
    ...(error === undefined ? {} : { error }),
    ...(own?.refuse ? { refuse: own.refuse } : {}),
  };
}

function matchesName(wanted: string, taskName: string): boolean {
  const pattern = patternIn(wanted);
  if (pattern) return new RegExp(pattern.source, pattern.flags).test(taskName);
  return taskName === wanted || taskName.startsWith(`${wanted} [tf `);
}

function patternIn(name: string): { readonly source: string; readonly flags: string } | undefined {
  const [, source, flags = ''] = /^\/(.+)\/([ius]*)$/.exec(name) ?? [];
  return source === undefined ? undefined : { source, flags };
}

/** False for a name that looks like a regular expression and is none. */
export function isReadablePattern(name: string): boolean {
  const pattern = patternIn(name);
  try {
    if (pattern) RegExp(pattern.source, pattern.flags);
    return true;
  } catch {
    return false;
  }
}
