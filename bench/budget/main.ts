import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { installLogging } from '../../src/worker/logging.js';
import { guide } from './guide.js';
import { loadOf, loadOptions } from './load-options.js';
import { measure, type Measured } from './measure.js';
import { ours } from './ours.js';
import { plot } from './plot.js';
import { retry } from './retry.js';
import { describe, table } from './table.js';

/**
 * How much of a limited account goes into what cannot be saved, a run and its export, while a thousand executions are
 * live; beside what is done without us, in the same time.
 */
const { values } = parseArgs({
  options: {
    ...loadOptions({ speed: 5, open: 1200, exports: 2000 }),
    plot: { type: 'string', default: 'docs/request-budget.svg' },
  },
});
const load = loadOf(values, 17);
const exports = Number(values.exports);
const say = (text: string): void => console.error(text);

installLogging('error');
const measured: Measured[] = [];
measured.push(await measure('titanflow', ours(1), load, { exports }, say));
measured.push(await measure('titanflow', ours(1), { ...load, window: 'sliding' }, { exports }, say));
const seconds = measured[0]?.seconds ?? 0;
measured.push(await measure("the guide's loop", guide, load, { seconds }, say));
measured.push(await measure('a poll for each retry', retry, load, { seconds }, say));

console.log(describe(load));
console.log(table(measured));
await writeFile(values.plot, plot(measured));
console.log(`runs exported over time: ${values.plot}`);
process.exit(0);
