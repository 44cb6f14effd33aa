import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../temporal-server.js';
import { openAccount } from './account.js';
import type { Contestant } from './contestant.js';
import { figuresOf, type Figures, type Seen } from './figures.js';
import type { Load } from './load.js';

/** When a contestant has done enough: after so many exports, or so many real seconds. */
export interface Until {
  readonly exports?: number;
  readonly seconds?: number;
}

export interface Measured {
  readonly name: string;
  readonly load: Load;
  readonly seen: Seen;
  readonly figures: Figures;
  /** Real seconds. */
  readonly seconds: number;
  /** From an execution's end to when the contestant knew of it, seconds of the service's time, ascending. */
  readonly delays: readonly number[];
}

const TOLD_EVERY_MS = 30_000;

/** Lets a contestant work on an account, and on a Temporal server, that nobody had before. */
export async function measure(
  name: string,
  contestant: Contestant,
  load: Load,
  until: Until,
  say: (line: string) => void,
): Promise<Measured> {
  say(`${name}, ${load.window} window`);
  const server = await startServer(say);
  const account = await openAccount(load);
  const delays: number[] = [];
  const onEndSeen = (endedAt: number): void => {
    delays.push(((Date.now() - endedAt) * load.speed) / 1000);
  };
  const working = await contestant({ account, load, temporalAddress: server.address, onEndSeen });
  const began = Date.now();
  const secondsGone = (): number => (Date.now() - began) / 1000;
  let toldAt = began;
  for (;;) {
    const exported = account.exported();
    if (exported >= (until.exports ?? Infinity) || secondsGone() >= (until.seconds ?? Infinity)) break;
    if (Date.now() - toldAt >= TOLD_EVERY_MS) {
      toldAt = Date.now();
      say(`  ${secondsGone().toFixed(0)} s: ${exported} runs exported`);
    }
    await sleep(1_000);
  }
  const seconds = secondsGone();
  const seen = await account.seen();
  await working.stop();
  await account.close();
  await server.stop();
  const figures = figuresOf(seen, load.speed, load.limit - load.stranger);
  return { name, load, seen, figures, seconds, delays: delays.toSorted((one, other) => one - other) };
}
