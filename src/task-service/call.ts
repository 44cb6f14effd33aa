import type { Told } from './budget/budget.js';
import type { Lane } from './budget/lanes.js';

/** One request to the service. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path below `/api/v1`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Replaces the transport's own timeout. */
  readonly timeoutMs?: number;
  /** Purpose of the request; by default its method and path decide. */
  readonly lane?: Lane;
  /** Set if the budget has granted the request already; called with what became of it. */
  readonly told?: Told;
}

/** How a failure names a call. */
export function factsOf({ method, path }: Call): { readonly method: string; readonly path: string } {
  return { method, path: `/api/v1${path.split('?')[0] ?? ''}` };
}
