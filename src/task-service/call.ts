import type { Told } from './budget/budget.js';
import type { Lane } from './budget/lanes.js';

/** One request to the service. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** In place of the transport's own. */
  readonly timeoutMs?: number;
  /** What it is for; default by its method and path. */
  readonly lane?: Lane;
  /** That it may be sent is settled already. */
  readonly told?: Told;
}

/** How a failure names a call. */
export function factsOf({ method, path }: Call): { readonly method: string; readonly path: string } {
  return { method, path: `/api/v1${path.split('?')[0] ?? ''}` };
}
