import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../store.js';
import { listedNames, parseManifest, printManifest, type Manifest } from './manifest.js';
import type { TablePlace } from './place.js';

/** What one look at the table has led to. */
export interface Change<Result> {
  /** undefined = the table stays as it is. */
  readonly next: Manifest | undefined;
  readonly result: Result;
}

/**
 * Changes a table by changing its manifest: before it, nothing that was written is data; after it, all is. Whoever finds
 * that another load was faster does its work again, by what the table is now.
 *
 * @throws StoreError `unavailable` where others were faster too often
 */
export async function changeManifest<Result>(
  table: string,
  place: TablePlace,
  signal: AbortSignal,
  work: (manifest: Manifest | undefined) => Promise<Change<Result>>,
): Promise<Result> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    signal.throwIfAborted();
    const seen = await place.readManifest(signal);
    const manifest = seen === undefined ? undefined : parseManifest(table, seen.text);
    const { next, result } = await work(manifest);
    if (next === undefined) {
      return result;
    }
    signal.throwIfAborted();
    const going = goingNow(manifest, next);
    if (await place.swapManifest(printManifest({ ...next, removed: going }), seen, signal)) {
      // What stays because of an error or a kill is tried once more by the next publication.
      await place.remove([...going, ...(manifest?.removed ?? [])]).catch(() => undefined);
      return result;
    }
    await delay(Math.random() * MAX_PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  const told = `Table ${JSON.stringify(table)}: others changed it ${MAX_ATTEMPTS} times while this load was at work. Let fewer loads publish to it at once.`;
  throw new StoreError('unavailable', told);
}

/** One of several that race always wins, so this is for as many workers that write to one table at once. */
const MAX_ATTEMPTS = 20;
const MAX_PAUSE_MS = 100;

/** What the last publication has superseded. */
function goingNow(manifest: Manifest | undefined, next: Manifest): readonly string[] {
  const needed = new Set([...listedNames(next), ...next.superseded]);
  return (manifest?.superseded ?? []).filter((name) => !needed.has(name));
}
