import pc from 'picocolors';
import { UserError } from '../../user-error.js';
import { bad, exitCodeFor, ok, reasonOf, type Check } from './check.js';
import { checkService } from './check-service.js';
import { checkStaging } from './check-staging.js';
import { checkStores } from './check-stores.js';
import { checkTemporal } from './check-temporal.js';
import { print } from '../terminal.js';
import { shown } from '../../printable.js';

/** `titanflow doctor`: looks at everything that a worker needs, and says how to mend what is wrong. Changes nothing. */
export async function doctor(options: { readonly json?: boolean }): Promise<void> {
  const groups = await Promise.all([
    guarded('node', () => Promise.resolve([checkNode(process.versions.node)])),
    guarded('service', checkService),
    guarded('temporal', checkTemporal),
    guarded('stores', checkStores),
    guarded('staging', checkStaging),
  ]);
  const checks = groups.flat();
  const exitCode = exitCodeFor(checks);
  print(options.json === true ? JSON.stringify({ isWell: exitCode === 0, checks }) : asText(shown(checks)));
  process.exitCode = exitCode;
}

/** A setting that is wrong is one thing to mend among others. */
async function guarded(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof UserError))
      return [bad('fail', name, reasonOf(error), 'this is unexpected: see the message')];
    const state = error.exitCode === 3 ? 'unreachable' : 'fail';
    return error.message.split('\n').map((line) => {
      const [text = '', ...cures] = line.split('; ');
      const cure = cures.length === 0 ? 'mend the setting; the README has a table of them' : cures.join('; ');
      return { ...bad(state, name, text, cure), ...(error.exitCode === 2 ? { isSetting: true } : {}) };
    });
  }
}

const [LEAST_MAJOR, LEAST_MINOR] = [20, 19];

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > LEAST_MAJOR || (major === LEAST_MAJOR && minor >= LEAST_MINOR);
  if (isEnough) return ok('node', `version ${version}`);
  return bad('fail', 'node', `version ${version} is too old`, `install Node ${LEAST_MAJOR}.${LEAST_MINOR} or newer`);
}

const SIGNS = { ok: pc.green, warn: pc.yellow, fail: pc.red, unreachable: pc.red } as const;

function asText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const gap = ' '.repeat(6 + width);
  return checks
    .map(({ name, state, text, cure }) => {
      const sign = SIGNS[state](state === 'unreachable' ? 'fail' : state.padEnd(4));
      return `${sign}  ${name.padEnd(width)}  ${text}${cure === undefined ? '' : `\n${gap}  -> ${cure}`}`;
    })
    .join('\n');
}
