import type { Duration } from './duration.js';
import type { ResolvedScenario } from './scenario.js';

type OwnScript = ResolvedScenario['tasks'][number];

/** Oddities of an execution, from its creation on. */
export type Oddities = Pick<OwnScript, 'statusShown' | 'createdShown' | 'alwaysFails' | 'unlisted'>;

/** How long after an execution's end there are no results yet, and how an export is refused until then. */
export interface ResultsLag {
  readonly seconds: number;
  /** Status of the answer to an export that comes too early. */
  readonly status: number;
}

/** What one task's executions do. */
export interface Script {
  readonly seconds: Duration;
  readonly rows: number;
  readonly badRows: number;
  /** Path of what is sent in place of rows. */
  readonly file?: string;
  readonly status: string;
  readonly error?: string;
  readonly resultsLag?: ResultsLag;
  readonly refuse?: OwnScript['refuse'];
  readonly odd?: Oddities;
}

/** How executions of a task with this name go. */
export function scriptFor(scenario: ResolvedScenario, taskName: string): Script {
  const own = scenario.tasks.find((task) => matchesName(task.name, taskName));
  const status = own?.status ?? scenario.status;
  const error = own?.error ?? scenario.error;
  const file = own?.file ?? scenario.file;
  const lagSeconds = own?.resultsLagSeconds ?? scenario.resultsLagSeconds;
  const lagStatus = own?.resultsLagStatus ?? scenario.resultsLagStatus;
  return {
    seconds: own?.seconds ?? scenario.seconds,
    rows: own?.rows ?? scenario.rows ?? (status === 'failed' ? 0 : 20),
    badRows: own?.badRows ?? scenario.badRows,
    ...(file === undefined ? {} : { file }),
    status,
    ...(error === undefined ? {} : { error }),
    ...(lagSeconds === 0 ? {} : { resultsLag: { seconds: lagSeconds, status: lagStatus } }),
    ...(own?.refuse ? { refuse: own.refuse } : {}),
    ...oddIn(own),
  };
}

function oddIn(own: OwnScript | undefined): { readonly odd?: Oddities } {
  const { statusShown, createdShown, alwaysFails, unlisted } = own ?? {};
  const odd = { statusShown, createdShown, alwaysFails, unlisted };
  return Object.values(odd).every((value) => value === undefined) ? {} : { odd };
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
