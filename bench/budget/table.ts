import Table from 'cli-table3';
import { percentile } from '../percentile.js';
import { DURATIONS, type Load } from './load.js';
import type { Measured } from './measure.js';

/** What all figures of a table have in common. */
export function describe({ limit, open, speed, meanMinutes }: Load): string {
  const shortest = DURATIONS[0][0];
  const longest = Math.max(...DURATIONS.flat());
  return [
    `${limit} requests a minute; ${open} runs open at any time, of ${(meanMinutes * shortest).toFixed(2)} to ${(meanMinutes * longest).toFixed(0)} minutes,`,
    `${meanMinutes} on average; everything is ${speed} times as fast as life, and told in the service's minutes and seconds.`,
    'Figures are those between the 10th and the 90th percentile of the useful requests, which are runs and exports.',
  ].join('\n');
}

export function table(measured: readonly Measured[]): string {
  const rows = new Table({
    head: [
      '',
      'window',
      'minutes',
      'live',
      'requests',
      'useful',
      'runs/min',
      'exports/min',
      'requests a run',
      '429s',
      'seen after (median)',
      'p99',
    ],
    style: { head: [], border: [] },
  });
  for (const { name, load, figures, seen, delays } of measured) {
    rows.push([
      name,
      load.window,
      figures.minutes.toFixed(1),
      figures.live.toFixed(0),
      `${((100 * figures.useful * figures.requestsPerRun) / 2).toFixed(1)} %`,
      `${(100 * figures.useful).toFixed(1)} %`,
      figures.runs.toFixed(1),
      figures.exports.toFixed(1),
      figures.requestsPerRun.toFixed(2),
      seen.refused,
      `${percentile(delays, 0.5).toFixed(0)} s`,
      `${percentile(delays, 0.99).toFixed(0)} s`,
    ]);
  }
  return rows.toString();
}
