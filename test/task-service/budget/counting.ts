import type { Request } from './simulation.js';

/** The most requests that the service counted in any stretch of a window. */
export function mostInAnyWindow(requests: readonly Request[], windowMs: number): number {
  let [from, most] = [0, 0];
  requests.forEach(({ at }, index) => {
    while ((requests[from]?.at ?? at) <= at - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

/** How many were taken in each window, from one window to another. */
export function takenPerWindow(requests: readonly Request[], by: number, from: number, to: number): number[] {
  const taken = requests.filter((request) => request.by === by && !request.refused);
  return Array.from({ length: to - from }, (_, index) => {
    const start = (from + index) * 60_000;
    return taken.filter(({ at }) => at >= start && at < start + 60_000).length;
  });
}

/** How many of ours were refused from a window on, to another. */
export function refusedFrom(requests: readonly Request[], from: number, to = Infinity): number {
  return requests.filter(({ by, at, refused }) => by >= 0 && refused && at >= from * 60_000 && at < to * 60_000).length;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Moments at an even pace, so many a window. */
export function evenly(perWindow: number, fromWindow: number, toWindow: number): number[] {
  const gap = 60_000 / perWindow;
  return Array.from(
    { length: (toWindow - fromWindow) * perWindow },
    (_, index) => fromWindow * 60_000 + 333 + index * gap,
  );
}
