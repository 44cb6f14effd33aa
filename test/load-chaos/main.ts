import { parseArgs } from 'node:util';
import { killLoads } from './kill-loads.js';

/** Kills loads into Postgres, and the server under them, and looks what is left in the tables. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    rows: { type: 'string', default: '50000' },
  },
});
const [kills, seed, rows] = [Number(values.kills), Number(values.seed), Number(values.rows)];

console.log(`seed ${seed}: ${kills} kills of loads of ${rows} rows`);
const report = await killLoads({ kills, seed, rows, say: (line) => console.error(line) });
console.log(
  `killed: the loading process ${report.kills.loader} times, the server ${report.kills.server} times, with a failover ${report.kills.failover} times`,
);
console.log(`found after it: as before ${report.found.before} times, complete ${report.found.complete} times`);
console.log(`locked out: loads gave up ${report.locked} times, and were tried again`);
console.log(report.problems.length === 0 ? 'counts, sums and receipts are right' : report.problems.join('\n'));
process.exit(report.problems.length === 0 ? 0 : 1);
