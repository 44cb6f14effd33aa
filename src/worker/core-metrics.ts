import type { MetricsExporterConfig } from '@temporalio/worker';
import { freePort } from '../free-port.js';

/** What Temporal's native part counts: it has a server of its own for that, which we pass on. */
export interface CoreMetrics {
  readonly exporter: MetricsExporterConfig;
  /** In Prometheus' text format; undefined where its server does not answer, as after the last worker has ended. */
  text(): Promise<string | undefined>;
}

const TIMEOUT_MS = 2_000;
/** Seconds: our activities wait for as long as an execution runs; Temporal's own buckets end with the first minute. */
const ACTIVITY_BUCKETS = [0.05, 0.5, 1, 5, 30, 60, 300, 1_800, 7_200, 21_600, 86_400];

/** It listens on this machine only, where nobody else has to find it. */
export async function openCoreMetrics(): Promise<CoreMetrics> {
  const bindAddress = `127.0.0.1:${await freePort(0)}`;
  return {
    exporter: {
      attachServiceName: false,
      prometheus: {
        bindAddress,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides: {
          activity_execution_latency: ACTIVITY_BUCKETS,
          activity_succeed_endtoend_latency: ACTIVITY_BUCKETS,
        },
      },
    },
    async text() {
      try {
        const answer = await fetch(`http://${bindAddress}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        return answer.ok ? await answer.text() : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
