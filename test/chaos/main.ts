import { Command, InvalidArgumentError } from 'commander';
import { startTemporalServer } from '../../src/dev/temporal/start-temporal.js';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { runChaos } from './run-chaos.js';
import { showReport, problemsIn } from './show-report.js';

const CLI_TYPES = { KEYWORD: 'Keyword', INT: 'Int' } as const;
const say = (line: string): void => console.error(line);

const { runs, seed } = new Command('chaos')
  .description('runs many runs while everything fails, and looks whether each was paid for once')
  .option('--runs <n>', 'how many', wholeNumber, 300)
  .option('--seed <n>', 'which faults hit what', wholeNumber, 1)
  .parse()
  .opts<{ runs: number; seed: number }>();

const server = await startTemporalServer({
  binary: await temporalBinary(),
  searchAttributes: Object.fromEntries(
    Object.values(searchAttributes).map(({ name, type }) => [name, CLI_TYPES[type]]),
  ),
  say,
});
try {
  console.log(`seed ${seed}, ${runs} runs`);
  const report = await runChaos({ runs, seed, temporalAddress: server.address, say });
  console.log(showReport(report));
  process.exitCode = problemsIn(report).length === 0 ? 0 : 1;
} finally {
  await server.stop();
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
