import { parseArgs } from 'node:util';
import { installLogging } from '../../src/worker/logging.js';
import { loadOf, loadOptions } from './load-options.js';
import { measure, type Measured } from './measure.js';
import { ours } from './ours.js';
import { describe, table } from './table.js';

/** What becomes of a limited account that several spend from: workers of ours, or one of ours and a stranger. */
const { values } = parseArgs({
  options: loadOptions({ speed: 4, open: 450, exports: 800 }),
});
const load = loadOf(values, 5.3);
const exports = Number(values.exports);
const say = (text: string): void => console.error(text);

installLogging('error');
const measured: Measured[] = [];
for (const window of ['fixed', 'sliding'] as const) {
  measured.push(await measure('three workers', ours(3), { ...load, window }, { exports }, say));
  const stranger = load.limit / 2;
  measured.push(
    await measure(`beside ${stranger}/min`, ours(1), { ...load, window, stranger }, { exports: exports / 2 }, say),
  );
}
console.log(describe(load));
console.log('Beside a stranger, the useful share is that of what he leaves.');
console.log(table(measured));
for (const { name, load: each, seen } of measured) {
  const all = seen.runs.length + seen.exports.length + seen.others.length + seen.refused;
  const share = ((100 * seen.refused) / all).toFixed(2);
  console.log(
    `${name}, ${each.window}: ${seen.refused} of ${all} refused (${share} %), ${seen.refusedLate} after two windows`,
  );
}
process.exit(0);
