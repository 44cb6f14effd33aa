import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createExporting } from '../../src/activities/export-results.js';
import { createTurns } from '../../src/activities/turns.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { startServer } from '../helpers/http-server.js';
import { CANARY } from '../helpers/workplace.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-slow-'));
});

afterEach(() => rm(directory, { recursive: true }));

it.each([20, 400, 2_500])(
  'downloads that send a byte every %s ms let others pass, more of them than work at once',
  async (everyMs) => {
    const server = await startServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (request.url?.includes('good') === true) {
        response.end('[{"a":1},{"a":2}]');
        return;
      }
      response.write('[');
      const timer = setInterval(() => response.write(' '), everyMs);
      response.on('close', () => clearInterval(timer));
    });
    const { exportResults } = createExporting({
      service: createTaskService({ url: server.url, token: CANARY }),
      staging: await openLocalStaging(join(directory, 'staging')),
      exportTurns: createTurns({ atOnce: 4, ofOneGroup: 16, lockWaitsOfOneGroup: 0 }),
    } as never);
    const start = (executionId: string) => {
      const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
      return { environment, done: environment.run(exportResults, { executionId }) };
    };
    const slow = Array.from({ length: 6 }, (_, index) => start(`slow${index}`));
    await delay(3_000);
    const since = Date.now();
    await expect(start('good').done).resolves.toMatchObject({ export: { records: 2 } });
    expect(Date.now() - since).toBeLessThan(5_000);
    for (const { environment, done } of slow) {
      environment.cancel();
      await expect(done).rejects.toThrow('CANCELLED');
    }
    await server.close();
  },
  30_000,
);
