import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/activities.js';
import { createExporting, type ExportResultsInput, type StagedExport } from '../../src/activities/export-results.js';
import { createPublishing } from '../../src/activities/publish-rows.js';
import { createTurns } from '../../src/activities/turns.js';
import type { Publication, PublishReceipt } from '../../src/domain/run.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import { openStores } from '../../src/stores/open-stores.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { startServer } from '../helpers/http-server.js';
import { CANARY, filesBelow } from '../helpers/workplace.js';

let directory: string;
const closes: (() => Promise<void>)[] = [];

/** Gives each test of a file a directory of its own. */
export function useDirectory(): void {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'titanflow-hostile-'));
  });

  afterEach(async () => {
    await Promise.all(closes.splice(0).map((close) => close()));
    await rm(directory, { recursive: true, force: true });
  });
}

/** Where stores and staging of the test lie. */
export function directoryOfTest(): string {
  return directory;
}

/** Closes what the test has opened when it is over. */
export function closeLater(close: () => Promise<void>): void {
  closes.push(close);
}

/** A service that sends exactly these bytes, piece by piece, and hangs up. */
export async function serviceThatSends(...pieces: readonly (string | Buffer)[]): Promise<string> {
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        for (const piece of pieces) socket.write(piece);
        socket.end();
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closes.push(async () => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function serviceThatAnswers(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Promise<string> {
  const server = await startServer((_, response) => response.writeHead(status, headers).end(body));
  closes.push(() => server.close());
  return server.url;
}

export async function openActivities(url: string) {
  const dependencies = {
    service: createTaskService({ url, token: CANARY }),
    staging: await openLocalStaging(join(directory, 'staging')),
    stores: openStores({ local: { kind: 'files', directory: join(directory, 'out'), format: 'jsonl' } }),
    exportTurns: createTurns(TURNS),
    publishTurns: createTurns(TURNS),
  } as Partial<ActivityDependencies> as ActivityDependencies;
  return { ...createExporting(dependencies), ...createPublishing(dependencies) };
}

export function activityEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
}

export async function exportFrom(url: string, input: Partial<ExportResultsInput> = {}): Promise<StagedExport> {
  const { exportResults } = await openActivities(url);
  return activityEnvironment().run(exportResults, { executionId: 'e1', ...input });
}

export async function publish(staged: StagedExport): Promise<PublishReceipt> {
  const { publishRows } = await openActivities('http://127.0.0.1:1');
  const publication: Publication = { store: 'local', table: 'hostile', mode: 'append' };
  const at = '2026-01-01T00:00:00Z';
  return activityEnvironment().run(publishRows, { executionId: 'e1', staged, publication, at });
}

/** What is staged, but for the id of the place. */
export async function staged(): Promise<string[]> {
  const files = await filesBelow(join(directory, 'staging'));
  return files.filter((path) => !path.endsWith('/id'));
}

export const TURNS = { atOnce: 4, ofOneGroup: 8, lockWaitsOfOneGroup: 4 };
