import type { End } from '../observer.js';
import { createdAt, endedAt, type Execution } from '../wire.js';

/** Earlier than any execution: a time before it is a mistake. */
const FIRST_BIRTH = Date.UTC(2015, 0);

/** Returns when an execution was created, Unix milliseconds by the service's clock; undefined where it does not say so. */
export function bornAt(execution: Execution): number | undefined {
  const born = Date.parse(createdAt(execution) ?? '');
  return born >= FIRST_BIRTH ? born : undefined;
}

/** Returns how old an execution is. It cannot be younger than the wait for it, whatever the service's clock says. */
export function ageOf({ last, since }: { last?: Execution; since: number }, serviceNow: number): number {
  const waited = Date.now() - since;
  const born = last && bornAt(last);
  return born === undefined ? waited : Math.max(serviceNow - born, waited);
}

export function endOf(execution: Execution, serviceNow: number): End {
  const at = Date.parse(endedAt(execution) ?? '');
  return Number.isNaN(at) ? { at: undefined, delayMs: undefined } : { at, delayMs: Math.max(serviceNow - at, 0) };
}
