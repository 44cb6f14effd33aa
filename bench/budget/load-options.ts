import type { Load } from './load.js';

/** What the command line may change. */
interface Numbers {
  readonly speed: number;
  readonly open: number;
  readonly exports: number;
}

/** For `parseArgs`. */
export function loadOptions({ speed, open, exports }: Numbers) {
  return {
    speed: { type: 'string', default: String(speed) },
    open: { type: 'string', default: String(open) },
    exports: { type: 'string', default: String(exports) },
  } as const;
}

/** The load of a bench, from the values of its options. */
export function loadOf({ speed, open }: { speed: string; open: string }, meanMinutes: number): Load {
  return { limit: 120, window: 'fixed', speed: Number(speed), open: Number(open), meanMinutes, stranger: 0 };
}
