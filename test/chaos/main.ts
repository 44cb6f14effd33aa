import { Command, InvalidArgumentError } from 'commander';
import { startTemporalServer } from '../../src/dev/temporal/start-temporal.js';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { chooseProfiles, isProfile, profileNames, PROFILES, type ProfileName } from './profiles.js';
import { runChaos } from './run-chaos.js';
import { showReport, problemsIn } from './show-report.js';

const CLI_TYPES = { KEYWORD: 'Keyword', INT: 'Int' } as const;
const say = (line: string): void => console.error(line);

const { runs, seed, only, without, patience } = new Command('chaos')
  .description('runs many runs while everything fails, and looks whether each was paid for once')
  .option('--runs <n>', 'how many', wholeNumber, 300)
  .option('--seed <n>', 'which faults hit what', wholeNumber, 1)
  .option('--only <names>', 'kinds of trouble, with commas between, and what they need; default: all', names, [])
  .option('--without <names>', 'kinds of trouble to leave out', names, [])
  .option('--patience <seconds>', 'a run that takes longer counts as hung', wholeNumber, 900)
  .addHelpText('after', ['', 'Kinds of trouble:', ...profileNames().map(described)].join('\n'))
  .parse()
  .opts<{ runs: number; seed: number; only: ProfileName[]; without: ProfileName[]; patience: number }>();

const profiles = chooseProfiles(only, without);
const server = await startTemporalServer({
  binary: await temporalBinary(),
  searchAttributes: Object.fromEntries(
    Object.values(searchAttributes).map(({ name, type }) => [name, CLI_TYPES[type]]),
  ),
  say,
});
try {
  console.log(`seed ${seed}, ${runs} runs, ${[...profiles].join(' ')}`);
  const { address: temporalAddress } = server;
  const report = await runChaos({ runs, seed, profiles, patienceSeconds: patience, temporalAddress, say });
  console.log(showReport(report));
  await server.stop();
  // The exit is explicit: the hook that stops Postgres at the end of a process would else end it as if all were well.
  process.exit(problemsIn(report).length === 0 ? 0 : 1);
} catch (error) {
  console.error(error);
  await server.stop();
  process.exit(1);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function names(text: string): ProfileName[] {
  return text.split(',').map((name) => {
    if (isProfile(name)) return name;
    throw new InvalidArgumentError(`"${name}" is none of ${profileNames().join(', ')}.`);
  });
}

function described(name: ProfileName): string {
  return `  ${name.padEnd(14)} ${PROFILES[name]}`;
}
