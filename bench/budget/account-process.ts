import { isLive } from '../../src/domain/status.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import type { Seen } from './figures.js';
import { DURATIONS, taskName, type Load } from './load.js';

/** The service, told of its load by its first argument. */
const load: Load = JSON.parse(process.argv[2] ?? '');
const { limit, window, speed, meanMinutes, stranger } = load;
const meanSeconds = (meanMinutes * 60) / speed;
const emulator = await startEmulator({
  rateLimit: { limit, window, windowSeconds: 60 / speed },
  scenario: {
    rows: 5,
    tasks: DURATIONS.map(([least, most], kind) => ({
      name: taskName(kind),
      seconds: [least * meanSeconds, most * meanSeconds],
    })),
  },
  keepRequests: 5_000_000,
});

const live: { at: number; count: number }[] = [];
setInterval(() => {
  const { executions } = emulator.ledger();
  live.push({ at: Date.now(), count: executions.filter(({ status }) => isLive(status)).length });
  process.send?.(executions.filter(({ exports }) => exports > 0).length);
}, 1_000);

const RUN = 'POST /tasks/:id/run';
const EXPORT = 'GET /executions/:id/results/export';
const STRANGERS_PATH = '/api/v1/tasks/a-strangers';
if (stranger > 0) {
  const headers = { authorization: 'Bearer stranger' };
  setInterval(() => void fetch(`${emulator.url}${STRANGERS_PATH}`, { headers }), 60_000 / stranger / speed);
}

function seen(): Seen {
  const requests = emulator.ledger().requests.filter(({ path }) => path !== STRANGERS_PATH);
  const began = Math.min(...requests.slice(0, 100).map(({ at }) => Date.parse(at)));
  const since = ({ at }: { readonly at: string }): number => Date.parse(at) - began;
  const admitted = requests.filter((request) => request.admitted);
  const timesOf = (isMeant: (route: string) => boolean): number[] =>
    admitted.filter(({ route }) => isMeant(route)).map(since);
  const refused = requests.filter(({ status, fault }) => status === 429 && fault === undefined);
  return {
    runs: timesOf((route) => route === RUN),
    exports: timesOf((route) => route === EXPORT),
    others: timesOf((route) => route !== RUN && route !== EXPORT),
    refused: refused.length,
    refusedLate: refused.filter((request) => since(request) > 120_000 / speed).length,
    live: live.map(({ at, count }) => ({ at: at - began, count })),
  };
}

process.on('message', () => process.send?.(seen()));
process.on('disconnect', () => process.exit());
process.send?.(emulator.url);
