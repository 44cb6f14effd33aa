import { z } from 'zod';

/** How the service's clocks differ from each other, and how it writes times. */
export const clockSchema = z.strictObject({
  /** How far the `Date` header is ahead; negative if it is behind. */
  dateSeconds: z.number().default(0),
  /** The `Date` header stays at the moment when the scenario was set, as a cache in front would have it. */
  dateFrozen: z.boolean().default(false),
  /** How far the times of tasks and executions created from now on are ahead; negative if they are behind. */
  createdSeconds: z.number().default(0),
  /** How far each server is ahead, in `Date` and in the times of what it creates. Requests take turns between them. */
  servers: z.array(z.number()).min(1).default([0]),
  /** Whether times carry their zone. Without one they mean UTC all the same. */
  zone: z.enum(['utc', 'none']).default('utc'),
  /** How times are written: `iso` as a text, the others as a whole number of Unix time. */
  unit: z.enum(['iso', 'seconds', 'milliseconds', 'nanoseconds']).default('iso'),
});

export type ClockSettings = z.output<typeof clockSchema>;

/** Gives each request to the next server; the answer is how far that one's clock is ahead, in milliseconds. */
export function createServers(): (clock: ClockSettings) => number {
  let turn = 0;
  return ({ servers }) => (servers[turn++ % servers.length] ?? 0) * 1000;
}

/** The `Date` header of an answer at `now`, Unix milliseconds. @param setAt when the scenario was set */
export function dateOf(clock: ClockSettings, now: number, setAt: number, serverMs: number): number {
  return (clock.dateFrozen ? setAt : now) + clock.dateSeconds * 1000 + serverMs;
}

/** A moment as the API writes it. */
export function writtenTime({ unit, zone }: ClockSettings, at: number): string | number {
  if (unit === 'seconds') return Math.floor(at / 1000);
  if (unit === 'milliseconds') return Math.floor(at);
  if (unit === 'nanoseconds') return Math.floor(at) * 1e6;
  const text = new Date(at).toISOString();
  return zone === 'none' ? text.slice(0, -1) : text;
}
