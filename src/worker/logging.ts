import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogEntry } from '@temporalio/worker';
import pc from 'picocolors';
import type { LogLevel } from '../settings.js';
import type { CoreMetrics } from './core-metrics.js';

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/**
 * Installs Temporal's runtime with our log: lines for people on a terminal, JSON lines elsewhere. It must come before any
 * connection, and once per process. Signals are left to who starts a worker: `dev` has a run to stop before it.
 *
 * @param core where Temporal's own metrics go; default: nowhere
 */
export function installLogging(level: LogLevel, core?: CoreMetrics): void {
  const stream = process.stderr;
  const format = stream.isTTY ? forPeople : forMachines;
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger(LEVELS[level], (entry) => stream.write(`${format(entry)}\n`)),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(core ? { metrics: core.exporter } : {}),
    },
  });
}

function forMachines({ level, timestampNanos, message, meta }: LogEntry): string {
  return JSON.stringify({ time: timeOf(timestampNanos), level: level.toLowerCase(), message, ...plain(meta) });
}

function forPeople({ level, timestampNanos, message, meta }: LogEntry): string {
  const { workflowId, activityType, error } = plain(meta);
  const about = [workflowId, activityType, error].filter((part) => part !== undefined).map(String);
  return [pc.dim(timeOf(timestampNanos).slice(11, 19)), level.toLowerCase(), message, pc.dim(about.join(' '))].join(
    ' ',
  );
}

function timeOf(nanos: bigint): string {
  return new Date(Number(nanos / 1_000_000n)).toISOString();
}

/** Errors do not survive JSON.stringify, and their stacks belong to developers only. */
function plain(meta: LogEntry['meta']): Record<string, unknown> {
  const entries = Object.entries(meta ?? {});
  return Object.fromEntries(
    entries
      .filter(([, value]) => typeof value !== 'bigint' && typeof value !== 'symbol')
      .map(([key, value]) => [key, value instanceof Error ? value.message : value]),
  );
}
