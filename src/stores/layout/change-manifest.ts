import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../store.js';
import { parseManifest, printManifest, type Manifest } from './manifest.js';
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
 * What the last publication has superseded is removed right before, not after: then a crash in between leaves a manifest
 * that still knows of it.
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
    await place.remove(goingNow(manifest, next));
    if (await place.swapManifest(printManifest(next), seen, signal)) {
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

function goingNow(manifest: Manifest | undefined, next: Manifest): readonly string[] {
  const needed = new Set([...listedNames(next), ...next.superseded]);
  return (manifest?.superseded ?? []).filter((name) => !needed.has(name));
}

/** What a reader of the manifest may ask for. */
function listedNames({ files, receipts }: Manifest): readonly string[] {
  return [
    ...files.map(({ name }) => name),
    ...receipts.flatMap(({ rejects }) => (rejects === undefined ? [] : [rejects.name])),
  ];
}
