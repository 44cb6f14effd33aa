import Table from 'cli-table3';
import { percentile } from '../percentile.js';
import type { OurLoad } from './ours.js';
import type { RowsFile } from './rows.js';

/** A load of ours with the time that its peer took in the same round, or a peer's own. */
type Taken = Pick<OurLoad, 'publishSeconds'> & Partial<OurLoad> & { readonly peerSeconds?: number };

export interface Results {
  add(file: RowsFile, load: string, taken: Taken): void;
  /** Medians of all rounds; of shares also the least and the most, of memory the most. */
  toString(): string;
}

export function createResults(): Results {
  const loads = new Map<string, { readonly file: RowsFile; readonly load: string; readonly rounds: Taken[] }>();

  return {
    add(file, load, taken) {
      const name = `${file.megabytes} ${load}`;
      const found = loads.get(name) ?? { file, load, rounds: [] };
      found.rounds.push(taken);
      loads.set(name, found);
    },
    toString() {
      const table = new Table({
        style: { head: [], border: [] },
        head: ['rows', 'load', 'rows/s', 'beside', 'from the first byte', 'beside', 'peak MB'],
      });
      for (const { file, load, rounds } of loads.values()) {
        const published = rounds.map(({ publishSeconds }) => publishSeconds);
        const whole = rounds.flatMap(({ wholeSeconds }) => wholeSeconds ?? []);
        const peaks = rounds.flatMap(({ peakMegabytes }) => peakMegabytes ?? []);
        table.push([
          `${file.megabytes} MB`,
          load,
          perSecond(file, published),
          share(rounds, ({ publishSeconds }) => publishSeconds),
          perSecond(file, whole),
          share(rounds, ({ wholeSeconds }) => wholeSeconds),
          peaks.length === 0 ? '' : Math.max(...peaks).toFixed(0),
        ]);
      }
      return table.toString();
    },
  };
}

function perSecond({ rows }: RowsFile, seconds: readonly number[]): string {
  return seconds.length === 0 ? '' : Math.round(rows / median(seconds)).toLocaleString('en');
}

/** Of a peer's rate, each round by itself: the machine may be slow for minutes. */
function share(rounds: readonly Taken[], secondsOf: (taken: Taken) => number | undefined): string {
  const shares = rounds.flatMap((taken) => {
    const seconds = secondsOf(taken);
    return taken.peerSeconds === undefined || seconds === undefined ? [] : (100 * taken.peerSeconds) / seconds;
  });
  if (shares.length === 0) return '';
  return `${median(shares).toFixed(0)} % (${Math.min(...shares).toFixed(0)}-${Math.max(...shares).toFixed(0)})`;
}

function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
