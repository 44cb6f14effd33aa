import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect } from 'vitest';
import { TaskServiceError } from '../../src/task-service/task-service-error.js';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import type { TransportOptions } from '../../src/task-service/transport.js';

/** Servers of a test, closed after it. */
export const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A service that answers exactly like this. */
export async function serviceThat(
  answer: RequestListener,
  options: Partial<TransportOptions> = {},
): Promise<TaskService> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return createTaskService({ url: urlOf(server), token: 'secret-token', ...options });
}

export function urlOf(server: Server | undefined): string {
  const address = server?.address() as AddressInfo;
  return `http://127.0.0.1:${address.port}`;
}

export function answering(status: number, body: string, headers: Record<string, string> = {}): RequestListener {
  return (_, response) => response.writeHead(status, headers).end(body);
}

export async function failureOf(promise: Promise<unknown>): Promise<TaskServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TaskServiceError);
  return error as TaskServiceError;
}
