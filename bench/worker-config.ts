import type { WorkerConfig } from '../src/config.js';

/** What the workers of a bench do not have in common. */
export interface WorkerPlace {
  readonly temporalAddress: string;
  readonly taskQueue: string;
  /** Of the service. */
  readonly url: string;
  /** Where it stages exports. */
  readonly directory: string;
  /** Requests a minute, as long as the service does not say. */
  readonly limit: number;
}

/** A worker that publishes nowhere. */
export function workerConfig({ temporalAddress, taskQueue, url, directory, limit }: WorkerPlace): WorkerConfig {
  return {
    temporal: { connectionOptions: { address: temporalAddress }, namespace: 'default' },
    taskQueue,
    titan: { url, token: 'bench', auth: 'bearer', requestsPerMinute: limit },
    stores: {},
    staging: { kind: 'directory', directory },
    stagingKeepMs: 7 * 24 * 3_600_000,
    instance: 'bench',
    secrets: new Map(),
  };
}
