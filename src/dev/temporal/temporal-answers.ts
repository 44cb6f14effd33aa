import { setTimeout as sleep } from 'node:timers/promises';

import { Connection } from '@temporalio/client';

const ATTEMPT_MS = 3000;

/**
 * Waits until a Temporal server answers for a namespace, and not only its port.
 *
 * @throws the signal's reason when it fires first.
 */
export async function temporalAnswers(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await answers(address, namespace)) return;
    await sleep(100, undefined, { signal });
  }
}

async function answers(address: string, namespace: string): Promise<boolean> {
  const channelArgs = {
    // Without these gRPC waits a second or more after the first refused connection.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
    // A server of this machine is reached through no proxy, whatever the environment says.
    'grpc.enable_http_proxy': 0,
  };
  const connection = Connection.lazy({ address, connectTimeout: ATTEMPT_MS, channelArgs });
  try {
    await connection.withDeadline(Date.now() + ATTEMPT_MS, async () => {
      await connection.ensureConnected();
      await connection.workflowService.describeNamespace({ namespace });
    });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
