import { startEmulator } from '../emulator/emulator.js';
import { parseScenario, type Scenario } from '../emulator/scenario.js';
import { UserError } from '../user-error.js';
import { readText } from './read-text.js';
import { untilStopped } from './until-stopped.js';
import { print } from './terminal.js';

export interface EmulatorCommandOptions {
  readonly scenario?: string;
  readonly port: number;
  readonly host: string;
  readonly rpm: number;
  readonly window: number;
  readonly seed: number;
  readonly token?: string;
}

/** `titanflow emulator`: a Task Service on this machine, until Ctrl-C. */
export async function emulator(options: EmulatorCommandOptions): Promise<void> {
  const { host, port, rpm, window, seed, token } = options;
  const scenario = options.scenario === undefined ? undefined : await readScenario(options.scenario);
  const running = await start({
    host,
    port,
    seed,
    rateLimit: { limit: rpm, windowSeconds: window },
    ...(token === undefined ? {} : { token }),
    ...(scenario ? { scenario } : {}),
  });
  const stopped = untilStopped();
  print(`Task Service emulator at ${running.url} (Ctrl-C stops)`);
  print(`  use it:      TITAN_API_URL=${running.url} TITAN_TOKEN=${token ?? 'emulator'}`);
  print(`  its ledger:  ${running.url}/__ledger`);
  await stopped;
  await running.close();
}

async function start(options: Parameters<typeof startEmulator>[0]): ReturnType<typeof startEmulator> {
  try {
    return await startEmulator(options);
  } catch (error) {
    throw new UserError(2, `emulator: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readScenario(file: string): Promise<Scenario> {
  const text = await readText(file);
  try {
    return parseScenario(text, file);
  } catch (error) {
    throw new UserError(2, error instanceof Error ? error.message : String(error));
  }
}
