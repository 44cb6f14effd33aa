import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCli } from '../helpers/cli.js';

const TASK_QUEUE = `escapes-${crypto.randomUUID().slice(0, 8)}`;
/** A name that somebody else chose: it clears the screen, writes a title, and turns the direction of writing. */
const HOSTILE = `${TASK_QUEUE}/\u001b[2J\u001b]0;title\u0007\u202egpj.\u009b31m`;
const SHOWN = String.raw`/\u001b[2J\u001b]0;title\u0007\u202egpj.\u009b31m`;

let client: Client;
let connection: Connection;
let env: Record<string, string>;

beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: TASK_QUEUE, FORCE_COLOR: '1' };
  await client.workflow.start('runTask', { workflowId: HOSTILE, taskQueue: TASK_QUEUE, args: [{}] });
});

afterAll(() => connection.close());

function expectHarmless(output: string): void {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(output.replaceAll(/\u001b\[\d{1,2}m/g, '')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u0080-\u009f\u202e]/);
}

describe('a name with escape sequences', () => {
  it.each([
    ['status', [HOSTILE]],
    ['status', [HOSTILE, '--json']],
    ['pause', [HOSTILE]],
    ['list', ['--all', '--limit', '100']],
    ['list', ['--all', '--limit', '100', '--json']],
    ['watch', [`${HOSTILE}-no`]],
    ['cancel', [HOSTILE]],
    ['rejects', ['show', HOSTILE]],
    ['schedule', ['pause', HOSTILE]],
  ])('is shown by `%s` (%#) so that no terminal acts upon it', async (command, args) => {
    const { stdout, stderr } = await runCli([command, ...args], { env });
    expectHarmless(stdout + stderr);
    if (command !== 'pause') expect(stdout + stderr).toContain(SHOWN.slice(0, 20));
  });
});
