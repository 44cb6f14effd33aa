import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { Connection } from '@temporalio/client';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { startTemporalServer } from '../../../src/dev/temporal/start-temporal.js';
import type { TemporalServerOptions } from '../../../src/dev/temporal/start-temporal.js';
import type { TemporalBinary } from '../../../src/dev/temporal/temporal-binary.js';
import { temporalBinary } from '../../helpers/temporal-binary.js';
import { fakeProgram, temporaryDirectory } from './fake-program.js';

let binary: TemporalBinary;

beforeAll(async () => {
  binary = await temporalBinary();
});

async function start(options: Partial<TemporalServerOptions>) {
  const server = await startTemporalServer({ binary, say: () => undefined, ...options });
  onTestFinished(async () => await server.stop());
  return server;
}

async function connect(address: string): Promise<Connection> {
  const connection = await Connection.connect({ address });
  onTestFinished(async () => await connection.close());
  return connection;
}

describe('startTemporalServer', () => {
  it('has the namespace, the search attributes and the settings that were asked for, and no Web UI', async () => {
    const searchAttributes = { TitanStatus: 'Keyword', TitanRows: 'Int' };
    // An id limit this small shows in the error of a start.
    const dynamicConfig = { 'limit.maxIDLength': 50 };
    const server = await start({ namespace: 'titan', searchAttributes, dynamicConfig });
    expect(server.uiUrl).toBeUndefined();
    const connection = await connect(server.address);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'titan' });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['TitanStatus', 'TitanRows']));
    const tooLong = connection.workflowService.startWorkflowExecution({
      namespace: 'titan',
      workflowId: 'x'.repeat(51),
      requestId: 'one',
      workflowType: { name: 'none' },
      taskQueue: { name: 'none' },
    });
    await expect(tooLong).rejects.toThrow(/WorkflowId/);
  });

  it('serves the Web UI where it says, keeps its state in a file and its log in another', async () => {
    const directory = await temporaryDirectory();
    const options = { ui: true, dbFile: join(directory, 'temporal.db'), logFile: join(directory, 'temporal.log') };
    const first = await start({ ...options, namespace: 'kept' });
    expect((await fetch(first.uiUrl ?? '')).status).toBe(200);
    await first.stop();
    expect(await readFile(options.logFile, 'utf8')).toContain('Temporal Persistence');
    const second = await start(options);
    const connection = await connect(second.address);
    await connection.workflowService.describeNamespace({ namespace: 'kept' });
  });

  it('takes the port that it is given, and says so when it is not free', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(`port ${port} is not free for the Temporal server`);
    taken.close();
    await once(taken, 'close');
    expect((await start({ port })).address).toBe(`127.0.0.1:${port}`);
  });

  it('tells the end of the log of a server that does not start', async () => {
    const path = await fakeProgram(await temporaryDirectory(), 'temporal', 'echo no space left on device >&2; exit 3');
    await expect(start({ binary: { ...binary, path } })).rejects.toThrow(
      /^the Temporal server ended at once, with exit code 3\. The end of its log:\n {2}no space left on device$/,
    );
  });

  it('tries other ports when it loses one to another program', async () => {
    const directory = await temporaryDirectory();
    const script = `
      if mkdir "${directory}/tried" 2>/dev/null; then echo 'listen tcp: bind: address already in use' >&2; exit 1; fi
      exec "${binary.path}" "$@"`;
    const path = await fakeProgram(directory, 'temporal', script);
    const lines: string[] = [];
    await start({ binary: { ...binary, path }, say: (line) => void lines.push(line) });
    expect(lines).toEqual(['the Temporal server lost a port to another program, trying again']);
  });
});
