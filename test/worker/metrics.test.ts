import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startCli } from '../helpers/cli.js';
import { CANARY, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

const LISTEN = { host: '127.0.0.1', port: 0 };

let place: Workplace;

beforeAll(async () => {
  const faults = [
    { route: 'GET /executions/:id/results/export', kind: 'refuse', status: 502, count: 1 },
    { route: 'GET /executions', kind: 'drop', count: 1 },
  ] as const;
  place = await openWorkplace({ emulator: { scenario: { seconds: 2, rows: 5, faults: [...faults] } } });
});

afterAll(() => place.close());

/** Metrics by name and labels, as they are written. */
function readMetrics(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

function sumOf(metrics: ReadonlyMap<string, number>, prefix: string): number {
  return [...metrics].reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0);
}

async function statusOf(url: string | undefined, path: string): Promise<[status: number, body: string]> {
  const answer = await fetch(`${url}${path}`);
  return [answer.status, await answer.text()];
}

async function runTasks(count: number): Promise<void> {
  const runs = Array.from({ length: count }, async () => {
    const { result } = await place.titanflow.runTask(randomUUID(), { task: PRODUCT_TASK });
    return result();
  });
  for (const { status } of await Promise.all(runs)) expect(status).toBe('completed');
}

describe('a worker that listens', () => {
  it('tells of its requests what the service has seen, and of its health until it ends', async () => {
    const worker = await place.startWorker({ listen: LISTEN });
    await vi.waitFor(async () => expect(await statusOf(worker.probesUrl, '/readyz')).toEqual([200, 'ok\n']));
    expect(await statusOf(worker.probesUrl, '/livez')).toEqual([200, 'ok\n']);
    await runTasks(4);

    const [, text] = await statusOf(worker.probesUrl, '/metrics');
    const metrics = readMetrics(text);
    const { requests, counts } = place.emulator.ledger();
    const countOf = (status: number): number => requests.filter((request) => request.status === status).length;
    expect(sumOf(metrics, 'titanflow_requests_total{')).toBe(requests.length);
    expect(metrics.get('titanflow_requests_total{lane="export",status="502"}')).toBe(1);
    expect(metrics.get('titanflow_requests_total{lane="poll",status="none"}')).toBe(1);
    expect(metrics.get('titanflow_requests_total{lane="submit",status="201"}')).toBe(countOf(201));
    expect(sumOf(metrics, 'titanflow_budget_wait_seconds_count{')).toBe(requests.length);
    expect(metrics.get('titanflow_polls_total{kind="list"}')).toBe(counts['GET /executions']);
    expect(metrics.get('titanflow_polls_total{kind="single"}')).toBe(counts['GET /executions/:id'] ?? 0);
    expect(metrics.get('titanflow_executions_ended_total')).toBe(4);
    expect(metrics.get('titanflow_detection_delay_seconds_count')).toBe(4);
    expect(metrics.get('titanflow_detection_delay_seconds_bucket{le="30"}')).toBe(4);
    expect(metrics.get('titanflow_live_executions')).toBe(0);
    expect(metrics.get('titanflow_budget_waiting{lane="submit"}')).toBe(0);
    // There is no limit here: nothing is said rather than something wrong.
    expect(metrics.has('titanflow_budget_limit')).toBe(false);
    expect(metrics.has('titanflow_budget_remaining')).toBe(false);
    expect(text).not.toContain(CANARY);

    place.emulator.setScenario({ seconds: 600 });
    const { result } = await place.titanflow.runTask(randomUUID(), { task: PRODUCT_TASK });
    const liveExecutions = async (): Promise<number | undefined> =>
      readMetrics((await statusOf(worker.probesUrl, '/metrics'))[1]).get('titanflow_live_executions');
    await vi.waitFor(async () => expect(await liveExecutions()).toBe(1), 20_000);
    void result().catch(() => undefined);

    const stopped = worker.shutdown();
    const [status, body] = await statusOf(worker.probesUrl, '/readyz');
    expect(status).toBe(503);
    expect(body).toMatch(/^task queue test-\w+-wait: \w+$/m);
    await stopped;
    await expect(fetch(`${worker.probesUrl}/livez`)).rejects.toThrow('fetch failed');
  }, 120_000);

  it('shows what the service says of the limit', async () => {
    place.emulator.setScenario({ seconds: 1, rows: 5 });
    place.emulator.setRateLimit({ limit: 600 });
    const taskQueue = `test-${randomUUID().slice(0, 8)}`;
    const worker = await place.startWorker({ listen: LISTEN, taskQueue });
    await place.client.workflow.execute('runTask', {
      workflowId: randomUUID(),
      taskQueue,
      args: [{ task: PRODUCT_TASK }],
    });
    const metrics = readMetrics((await statusOf(worker.probesUrl, '/metrics'))[1]);
    expect(metrics.get('titanflow_budget_limit')).toBe(600);
    expect(metrics.get('titanflow_budget_remaining')).toBeGreaterThan(500);
    expect(metrics.get('titanflow_budget_silent_seconds')).toBe(0);
  }, 60_000);

  it('tells whoever is to be told instead of counting', async () => {
    const seen: string[] = [];
    const taskQueue = `test-${randomUUID().slice(0, 8)}`;
    const observer = { onRequest: (lane: string, status?: number) => seen.push(`${lane} ${status}`) };
    const worker = await place.startWorker({ listen: LISTEN, taskQueue }, { observer });
    await place.client.workflow.execute('runTask', {
      workflowId: randomUUID(),
      taskQueue,
      args: [{ task: PRODUCT_TASK }],
    });
    expect(seen).toContain('export 200');
    expect(sumOf(readMetrics((await statusOf(worker.probesUrl, '/metrics'))[1]), 'titanflow_requests_total{')).toBe(0);
  }, 60_000);

  it('begins nothing where nobody can listen, and says where it does', async () => {
    const { titan } = place.config;
    const env = {
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TITANFLOW_TASK_QUEUE: `test-${randomUUID().slice(0, 8)}`,
      TITANFLOW_STAGING: place.staging,
      TITANFLOW_LISTEN: '127.0.0.1:0',
      TITAN_API_URL: titan.url,
      TITAN_TOKEN: CANARY,
    };
    const cwd = join(place.out, '..');
    const first = startCli(['worker'], { env, cwd });
    let told = '';
    first.child.stderr?.on('data', (data: string) => (told += data));
    await first.says('health and metrics at http://127.0.0.1:');
    const url = /health and metrics at (\S+)/.exec(told)?.[1];
    const [status, text] = await statusOf(url, '/metrics');
    expect(status).toBe(200);
    const metrics = readMetrics(text);
    expect(metrics.get('titanflow_live_executions')).toBe(0);
    expect(sumOf(metrics, 'temporal_worker_task_slots_available{')).toBeGreaterThan(10_000);
    expect(sumOf(metrics, 'temporal_request_total{')).toBeGreaterThan(0);
    expect(text).not.toContain(CANARY);

    const taken = { ...env, TITANFLOW_LISTEN: new URL(url ?? '').host };
    const second = await startCli(['worker'], { env: taken, cwd }).ended;
    expect(second).toEqual({
      code: 2,
      stdout: '',
      stderr: `titanflow: TITANFLOW_LISTEN: cannot listen on ${taken.TITANFLOW_LISTEN}: somebody else listens there\n`,
    });

    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
  }, 60_000);
});
