import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PipelineSpec } from '../../src/domain/pipeline.js';
import { startServer } from '../helpers/http-server.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

const SECRET = `whsec_${Buffer.from('canary-webhook-secret-91').toString('base64')}`;

interface Message {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Of a process that may be frozen for a while. */
const PATIENTLY = { timeout: 50_000, interval: 100 };

let place: Workplace;
let receiver: { url: string; close(): Promise<void> };
const messages: Message[] = [];

function sentTo(path: string): Message[] {
  return messages.filter((message) => message.path === path);
}

function answerTo(path: string): number {
  if (path === '/busy') return sentTo(path).length === 1 ? 503 : 204;
  return (
    new Map([
      ['/gone', 410],
      ['/elsewhere', 307],
    ]).get(path) ?? 204
  );
}

beforeAll(async () => {
  receiver = await startServer((request, response) => {
    const path = request.url ?? '';
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      messages.push({ path, headers: request.headers, body });
      response.writeHead(answerTo(path), { location: `${receiver.url}/final` }).end();
    });
  });
  place = await openWorkplace({
    emulator: {
      scenario: {
        seconds: 0,
        tasks: [
          { name: 'Breaks', status: 'failed', error: 'no' },
          { name: 'Long', seconds: 600 },
        ],
      },
    },
    secrets: { SIGNS: SECRET, PLAIN: 'canary plain text' },
  });
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await receiver.close();
});

function step(name: string) {
  return { task: { ...PRODUCT_TASK, name } };
}

/** @returns the id of a pipeline that failed, and was to tell of it */
async function failing(path: string, secret?: string): Promise<string> {
  const onFailure = { webhook: `${receiver.url}${path}`, ...(secret === undefined ? {} : { secret }) };
  const pipeline: PipelineSpec = { name: 'tells', onFailure, steps: { good: step('Good'), bad: step('Breaks') } };
  const { workflowId, result } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
  expect((await failureOf(result())).message).toMatch(
    /^step "bad" failed: ExecutionFailed: execution \S+ ended as failed: no/,
  );
  return workflowId;
}

describe.concurrent("a pipeline's webhook", () => {
  it('is told what failed, signed as Standard Webhooks say', async () => {
    const workflowId = await failing('/signed', 'SIGNS');
    const [message, ...more] = sentTo('/signed');
    expect(more).toEqual([]);
    const { runId } = await place.client.workflow.getHandle(workflowId).describe();
    const verified = new Webhook(SECRET).verify(message?.body ?? '', message?.headers as Record<string, string>);
    const data = JSON.parse(message?.body ?? '').data;
    const [{ executionId }] = data.steps;
    expect(place.executionsOf('Breaks').map(({ id }) => id)).toContain(executionId);
    expect(verified).toEqual({
      type: 'pipeline.failed',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        workflowId,
        runId,
        pipeline: 'tells',
        key: workflowId.slice('pipeline/tells/'.length),
        failure: { type: 'StepFailed', message: expect.stringContaining('step "bad" failed') },
        steps: [
          {
            step: 'bad',
            type: 'ExecutionFailed',
            message: expect.stringContaining('ended as failed: no'),
            executionId,
          },
        ],
        executionIds: [executionId],
      },
    });
    expect(message?.headers['content-type']).toBe('application/json');
  });

  it('may have a secret that is any text, or none', async () => {
    await failing('/plain', 'PLAIN');
    await failing('/unsigned');
    const [plain] = sentTo('/plain');
    const webhook = new Webhook('canary plain text', { format: 'raw' });
    expect(webhook.verify(plain?.body ?? '', plain?.headers as Record<string, string>)).toMatchObject({
      type: 'pipeline.failed',
    });
    expect(sentTo('/unsigned')[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  it('is told again when it was busy, with the same id and a signature of its own', async () => {
    await failing('/busy', 'SIGNS');
    const [first, second, ...more] = sentTo('/busy');
    expect(more).toEqual([]);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    new Webhook(SECRET).verify(second?.body ?? '', second?.headers as Record<string, string>);
  });

  it.each([
    ['that is gone', '/gone', 'answered 410'],
    ['that has moved', '/elsewhere', 'answered 307; redirects are not followed: name its final address'],
  ])('%s is told once, and changes nothing about the failure', async (_, path, said) => {
    const workflowId = await failing(path, 'SIGNS');
    expect(sentTo(path)).toHaveLength(1);
    expect(sentTo('/final')).toEqual([]);
    const { events } = await place.client.workflow.getHandle(workflowId).fetchHistory();
    const failures = (events ?? []).map((event) => event.activityTaskFailedEventAttributes?.failure?.message);
    expect(failures).toContain(`the webhook at ${new URL(receiver.url).host} ${said}`);
    expect(JSON.stringify(events)).not.toMatch(/canary|whsec_/);
  });

  it('is not told of a cancellation, nor by a pipeline within another, whose own it tells', async () => {
    const onFailure = (path: string) => ({ webhook: `${receiver.url}${path}` });
    const long: PipelineSpec = { name: 'long', onFailure: onFailure('/cancelled'), steps: { long: step('Long') } };
    const { workflowId, result } = await place.titanflow.runPipeline(randomUUID(), { pipeline: long });
    await vi.waitFor(() => expect(place.executionsOf('Long')).toHaveLength(1), PATIENTLY);
    await place.client.workflow.getHandle(workflowId).cancel();
    await result().catch(() => undefined);

    const inner: PipelineSpec = { name: 'inner', onFailure: onFailure('/inner'), steps: { bad: step('Breaks') } };
    const outer: PipelineSpec = { name: 'outer', onFailure: onFailure('/outer'), steps: { part: { pipeline: inner } } };
    await failureOf((await place.titanflow.runPipeline(randomUUID(), { pipeline: outer })).result());
    const counts = ['/cancelled', '/inner', '/outer'].map((path) => sentTo(path).length);
    expect(counts).toEqual([0, 0, 1]);
    expect(JSON.parse(sentTo('/outer')[0]?.body ?? '').data.steps).toMatchObject([{ step: 'part/bad' }]);
  });

  it('without its secret is found before anything is paid for', async () => {
    const pipeline: PipelineSpec = {
      name: 'no-secret',
      onFailure: { webhook: `${receiver.url}/never`, secret: 'NOWHERE' },
      steps: { a: step('Never bought') },
    };
    const failure = await failureOf((await place.titanflow.runPipeline(randomUUID(), { pipeline })).result());
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      message: 'the worker has no secret "NOWHERE"; set TITANFLOW_SECRET_NOWHERE where it runs',
    });
    expect(place.executionsOf('Never bought')).toEqual([]);
  });
});
