import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readExportHosts } from '../../src/task-service/export-hosts.js';
import { startGateway, type Gateway } from '../helpers/gateway.js';
import { startServer } from '../helpers/http-server.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

const SIGNATURE = 'signature-canary-81';

let place: Workplace;
let gateway: Gateway;
let files: { url: string; close(): Promise<void> };
const seen: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  files = await startServer((request, response) => {
    seen.push(request.headers);
    response.end('[{"title":"a","price":"1"},{"title":"b","price":"2"}]');
  });
  place = await openWorkplace();
  gateway = await startGateway(place.emulator.url);
  const location = `${files.url}/bucket/${SIGNATURE}?X-Amz-Signature=${SIGNATURE}`;
  gateway.setRules([{ method: 'GET', path: /results\/export/, answer: { status: 302, headers: { location } } }]);
});

afterAll(async () => {
  await place.close();
  await Promise.all([gateway.close(), files.close()]);
});

function titanWith(setting: string) {
  const allowed = readExportHosts(setting);
  if (typeof allowed === 'string') throw new Error(allowed);
  return { ...place.config.titan, url: gateway.url, ...(setting === '' ? {} : { exportHosts: { allowed, setting } }) };
}

async function historyOf(workflowId: string): Promise<string> {
  return JSON.stringify(await place.client.workflow.getHandle(workflowId).fetchHistory());
}

describe('exports that the service redirects to another host', () => {
  it('fail with the setting that would allow it, and are fetched by a worker that has it', async () => {
    const host = new URL(files.url).host;
    const id = randomUUID();
    const before = await place.startWorker({ titan: titanWith('') });
    const options = { task: PRODUCT_TASK, publish: [{ store: 'local', table: 'a', mode: 'append' as const }] };
    const { result } = await place.titanflow.runTask(id, { ...options, resultsWithin: '1 second' });
    const failure = await failureOf(result());
    expect(failure).toMatchObject({ type: 'ExportIncomplete' });
    expect(failure.message).toContain(`redirected to ${host}, which TITAN_EXPORT_HOSTS does not allow`);
    expect(failure.message).toContain(`set TITAN_EXPORT_HOSTS=${host} and restart the workers; \`titanflow retry`);
    const [{ executionId = '' }] = failure.details;
    expect(seen).toEqual([]);

    const next = await place.titanflow.runTask(randomUUID(), { ...options, executionId });
    await vi.waitFor(
      async () => {
        const { raw } = await place.client.workflow.getHandle(`execution/${executionId}`).describe();
        expect(raw.pendingActivities?.[0]?.lastFailure?.message).toContain('TITAN_EXPORT_HOSTS');
      },
      { timeout: 30_000, interval: 200 },
    );
    await before.shutdown();
    await place.startWorker({ titan: titanWith(host) });
    expect(await next.result()).toMatchObject({ executionId, published: [{ rows: 2 }] });
    expect(await readTable(place.out, 'a')).toMatchObject([{ title: 'a' }, { title: 'b' }]);
    expect(place.emulator.ledger().billed).toBe(1);
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty('authorization');
    for (const workflow of [id, `execution/${executionId}`]) expect(await historyOf(workflow)).not.toContain(SIGNATURE);
  });
});
