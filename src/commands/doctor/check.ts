import type { ExitCode } from '../../user-error.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `warn`: it works, but not as well as it could. `unreachable`: a server that is needed does not answer. */
  readonly state: 'ok' | 'warn' | 'fail' | 'unreachable';
  readonly text: string;
  /** How to mend it. */
  readonly cure?: string;
  /** A setting that is refused: nothing would be started with it. */
  readonly isSetting?: boolean;
}

export function ok(name: string, text: string): Check {
  return { name, state: 'ok', text };
}

export function bad(state: 'warn' | 'fail' | 'unreachable', name: string, text: string, cure: string): Check {
  return { name, state, text, cure };
}

export function exitCodeFor(checks: readonly Check[]): ExitCode | 0 {
  if (checks.some(({ state }) => state === 'unreachable')) return 3;
  if (checks.some(({ isSetting }) => isSetting === true)) return 2;
  return checks.some(({ state }) => state === 'fail') ? 1 : 0;
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
