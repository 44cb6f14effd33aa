import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Budget } from '../task-service/budget/budget.js';
import { LANES } from '../task-service/budget/lanes.js';
import type { Observer } from '../task-service/observer.js';
import type { Watcher } from '../task-service/watcher/watcher.js';

/** What a worker tells of its dealings with the service; docs/deploy.md has the table. */
export interface Metrics {
  /** Counts what it is told. */
  readonly observer: Observer;
  /** Counts a step that is planned again here: nobody served the directory where it had its files. */
  readonly onMoved: () => void;
  /** What is looked at when somebody asks. */
  measure(source: { readonly budget: Budget; readonly watcher: Watcher }): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** A turn is a matter of milliseconds while there is room, and of many minutes behind a thousand others. */
const WAIT_BUCKETS = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];
/** The service's clock is known to a second; the longest gap between two looks is five minutes. */
const DELAY_BUCKETS = [1, 2, 3, 5, 7.5, 10, 15, 30, 60, 120, 300, 600, 1_800];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'titanflow_requests_total',
    help: 'Requests to the Task Service; status "none": no answer came.',
    labelNames: ['lane', 'status'],
    registers,
  });
  const waits = new Histogram({
    name: 'titanflow_budget_wait_seconds',
    help: 'How long requests waited for their turn.',
    labelNames: ['lane'],
    buckets: WAIT_BUCKETS,
    registers,
  });
  const polls = new Counter({
    name: 'titanflow_polls_total',
    help: 'Requests that only look whether executions have ended.',
    labelNames: ['kind'],
    registers,
  });
  const ends = new Counter({
    name: 'titanflow_executions_ended_total',
    help: 'Executions that were waited for and seen to have ended.',
    registers,
  });
  const delays = new Histogram({
    name: 'titanflow_detection_delay_seconds',
    help: 'From the end of an execution until it was seen, by the clock of the service, known to about a second.',
    buckets: DELAY_BUCKETS,
    registers,
  });
  const moves = new Counter({
    name: 'titanflow_staging_moves_total',
    help: 'Steps that were staged again here, because their files were gone or nobody served their directory.',
    registers,
  });
  // A rate needs a zero to begin with.
  for (const lane of LANES) waits.zero({ lane });
  for (const kind of ['list', 'single']) polls.inc({ kind }, 0);

  return {
    observer: {
      onTurn: (lane, waitedMs) => waits.observe({ lane }, waitedMs / 1000),
      onRequest: (lane, status) => requests.inc({ lane, status: status ?? 'none' }),
      onPoll: (kind) => polls.inc({ kind }),
      onEnded({ delayMs }) {
        ends.inc();
        if (delayMs !== undefined) delays.observe(delayMs / 1000);
      },
    },
    onMoved: () => moves.inc(),
    measure: (source) => addGauges(registry, source),
    text: async () => registry.metrics(),
  };
}

function addGauges(registry: Registry, { budget, watcher }: Parameters<Metrics['measure']>[0]): void {
  const gauge = (name: string, help: string, read: () => number | undefined): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          const value = read();
          // What is not known is not shown.
          if (value === undefined) this.remove();
          else this.set(Math.max(value, 0));
        },
      }),
    );
  };
  gauge('titanflow_live_executions', 'Executions that are waited for now.', () => watcher.live());
  gauge('titanflow_budget_limit', 'Requests a minute that the account has.', () => budget.state().limit);
  gauge(
    'titanflow_budget_remaining',
    'How many of them are left: as the service last said, less what was sent since.',
    () => budget.state().remaining,
  );
  gauge('titanflow_budget_others', 'Requests a minute that others on the account use.', () => budget.state().strangers);
  gauge(
    'titanflow_budget_silent_seconds',
    'How long nothing may be sent, because the service said so.',
    () => budget.state().silentForMs / 1000,
  );
  registry.registerMetric(
    new Gauge({
      name: 'titanflow_budget_waiting',
      help: 'Requests that wait for their turn now.',
      labelNames: ['lane'],
      registers: [],
      collect() {
        for (const lane of LANES) this.set({ lane }, budget.waiting(lane));
      },
    }),
  );
}
