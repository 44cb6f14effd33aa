import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogEntry } from '@temporalio/worker';
import pc from 'picocolors';
import type { LogLevel } from '../settings.js';
import type { CoreMetrics } from './core-metrics.js';
import type { ForeignText } from '../domain/foreign-text.js';
import { maskingAll } from '../known-secrets.js';
import { maskTexts } from './foreign-errors.js';
import { escaped, escapedLines } from '../printable.js';

export interface LoggingOptions {
  /** Where Temporal's own metrics go; default: nowhere. */
  readonly core?: CoreMetrics | undefined;
  /** Masked in every entry. */
  readonly secrets?: Iterable<string>;
}

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/**
 * Installs Temporal's runtime with our log: lines for people on a terminal, JSON lines elsewhere. It must come before any
 * connection, and once per process. Signals are left to who starts a worker: `dev` has a run to stop before it.
 */
export function installLogging(level: LogLevel, { core, secrets = [] }: LoggingOptions = {}): void {
  const stream = process.stderr;
  const foreignText = maskingAll(secrets);
  const format = (entry: LogEntry): string => (stream.isTTY ? forPeople : forMachines)(masked(entry, foreignText));
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger(LEVELS[level], (entry) => stream.write(`${format(entry)}\n`)),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(core ? { metrics: core.exporter } : {}),
    },
  });
}

/** Temporal's own texts, and what an error in them quotes. */
function masked({ message, meta, ...entry }: LogEntry, foreignText: ForeignText): LogEntry {
  const texts = maskTexts(plain(meta), foreignText);
  return {
    ...entry,
    message: foreignText(message),
    meta: typeof texts === 'object' && texts !== null ? { ...texts } : {},
  };
}

function forMachines({ level, timestampNanos, message, meta }: LogEntry): string {
  return escaped(JSON.stringify({ time: timeOf(timestampNanos), level: level.toLowerCase(), message, ...meta }));
}

function forPeople({ level, timestampNanos, message, meta }: LogEntry): string {
  const { workflowId, activityType, error } = meta ?? {};
  const about = [workflowId, activityType, error].filter((part) => part !== undefined).map(String);
  return [
    pc.dim(timeOf(timestampNanos).slice(11, 19)),
    level.toLowerCase(),
    escapedLines(message),
    pc.dim(escapedLines(about.join(' '))),
  ].join(' ');
}

function timeOf(nanos: bigint): string {
  return new Date(Number(nanos / 1_000_000n)).toISOString();
}

/** Errors do not survive JSON.stringify, and their stacks belong to developers only. */
function plain(meta: LogEntry['meta']): Record<string, unknown> {
  const entries = Object.entries(meta ?? {});
  return Object.fromEntries(
    entries
      .filter(([, value]) => typeof value !== 'bigint' && typeof value !== 'symbol' && typeof value !== 'function')
      .map(([key, value]) => [key, value instanceof Error ? value.message : value]),
  );
}
