import { setFlagsFromString } from 'node:v8';

/**
 * What a load makes of a chunk is garbage when the next one comes. V8 may guess that it lives long, and then places it where
 * only a full collection finds it: a load took a third more time and 110 MB more memory in one process, and not in the next.
 */
export function keepHeapSteady(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}
