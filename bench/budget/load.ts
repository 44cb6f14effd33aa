/** How much there is to do, and how fast time goes. */
export interface Load {
  /** Requests a minute that the account has. */
  readonly limit: number;
  readonly window: 'fixed' | 'sliding';
  /** How much faster than life everything is: the service's window, its executions, and every wait of a contestant. */
  readonly speed: number;
  /** Runs that are open at any time, from the wish to start one to its export. */
  readonly open: number;
  /** How long executions take, on average. */
  readonly meanMinutes: number;
  /** Requests a minute that somebody else spends on the account, evenly. */
  readonly stranger: number;
}

/**
 * Ten kinds of task, as many runs of each: the least and the most that they take, as a multiple of the mean. Together they
 * are close to an exponential distribution, so that from the start as many end in a minute as in the long run.
 */
export const DURATIONS = [
  [0.005, 0.1],
  [0.1, 0.22],
  [0.22, 0.36],
  [0.36, 0.52],
  [0.52, 0.7],
  [0.7, 0.92],
  [0.92, 1.22],
  [1.22, 1.63],
  [1.63, 2.3],
  [2.3, 4.4],
] as const;

export function taskName(kind: number): string {
  return `kind ${kind}`;
}

/** The body that makes a task. */
export function definitionOf(kind: number): {
  name: string;
  urls: string[];
  objective: string;
  execution_type: string;
} {
  return { name: taskName(kind), urls: ['https://example.com/'], objective: 'x', execution_type: 'single' };
}

export function kindOf(run: number): number {
  return run % DURATIONS.length;
}
