import type { Fault } from './fault-schema.js';
import type { Random } from './random.js';
import { FILE_ROUTES } from './route.js';

/** Faults in force; a new scenario starts a new plan. */
export interface FaultPlan {
  /** Returns the fault that hits this request, and counts it as used; undefined if the request goes through. */
  next(route: string, now: number): Fault | undefined;
}

/**
 * @param setAt when the scenario was set, Unix milliseconds: `seconds` runs from here
 * @param random decides which requests a fault with a `probability` hits
 */
export function createFaultPlan(faults: readonly Fault[], setAt: number, random: Random): FaultPlan {
  const entries = faults.map((fault) => ({ fault, passed: 0, used: 0 }));

  function next(route: string, now: number): Fault | undefined {
    for (const entry of entries) {
      const { fault } = entry;
      const isOver = fault.seconds !== undefined && now >= setAt + fault.seconds * 1000;
      const isUsedUp = fault.count !== undefined && entry.used >= fault.count;
      if (isOver || isUsedUp || !concerns(fault, route)) continue;
      if (entry.passed < fault.skip) {
        entry.passed += 1;
        continue;
      }
      if (!random.chance(fault.probability)) continue;
      entry.used += 1;
      return fault;
    }
    return undefined;
  }

  return { next };
}

function concerns(fault: Fault, route: string): boolean {
  if (fault.kind === 'truncate' && !FILE_ROUTES.has(route)) return false;
  return fault.route === '*' || fault.route === route;
}
