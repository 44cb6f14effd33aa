import { z } from 'zod';

/** How the service's clocks differ from each other, and how it writes times. */
export const clockSchema = z.strictObject({
  /** The `Date` header is ahead by so much, or behind. */
  dateSeconds: z.number().default(0),
  /** The `Date` header stays at the moment when the scenario was set, as a cache in front would have it. */
  dateFrozen: z.boolean().default(false),
  /** Times of tasks and executions that are created from now on are ahead by so much, or behind. */
  createdSeconds: z.number().default(0),
  /** Requests take turns between servers; each is ahead by so much, in `Date` and in the times of what it creates. */
  servers: z.array(z.number()).min(1).default([0]),
  /** none: times carry no zone, and mean UTC all the same. */
  zone: z.enum(['utc', 'none']).default('utc'),
  /** iso: a text. Else Unix time, as a whole number. */
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
