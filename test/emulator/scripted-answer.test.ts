import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/emulator/scenario.js';
import { openEmulator } from './open-emulator.js';

type Fault = NonNullable<Scenario['faults']>[number];

const RUN = 'POST /tasks/:id/run';

/** The answer to a run that a fault hits, not followed where it leads elsewhere, and what was billed. */
async function answerOf(fault: Partial<Fault>, body?: string) {
  const { emulator, task } = await openEmulator({ scenario: { faults: [{ route: RUN, count: 1, ...fault }] } });
  const url = `${emulator.url}/api/v1/tasks/${await task()}/run`;
  const headers = { authorization: 'Bearer canary-1', 'x-api-key': 'canary-2' };
  const answer = await fetch(url, { method: 'POST', redirect: 'manual', headers, ...(body ? { body } : {}) });
  const { status } = answer;
  const type = answer.headers.get('content-type');
  return {
    status,
    type,
    text: await answer.text(),
    location: answer.headers.get('location'),
    billed: emulator.ledger().billed,
  };
}

describe('a fault that answers', () => {
  it.each([
    ['refuse', 0],
    ['fail', 1],
  ] as const)('by %s says with any status that it did not work: %i paid', async (kind, billed) => {
    for (const status of [200, 303, 409, 599]) {
      const answer = await answerOf({ kind, status, message: 'no' });
      expect(answer).toMatchObject({ status, billed });
      expect(JSON.parse(answer.text)).toMatchObject({ success: false, error: { message: 'no' } });
    }
  });

  it.each([
    [
      'html',
      'text/html; charset=utf-8',
      '<html><head><title>404</title></head><body><h1>404</h1><p>a &lt;b></p></body></html>\n',
    ],
    ['text', 'text/plain; charset=utf-8', 'a <b>\n'],
    ['empty', null, ''],
  ] as const)('can answer as something in front of the service: %s', async (body, type, text) => {
    const answer = await answerOf({ kind: 'fail', status: 404, body, message: 'a <b>' });
    expect(answer).toMatchObject({ status: 404, type, text, billed: 1 });
  });

  it('can be a 429 that names nothing', async () => {
    const answer = await answerOf({ kind: 'fail', status: 429, body: 'empty' });
    expect(answer).toMatchObject({ status: 429, text: '', billed: 1 });
  });

  it('can lead elsewhere, and have a status that takes no body', async () => {
    const location = 'https://login.test/';
    expect(await answerOf({ status: 303, body: 'html', location })).toMatchObject({ status: 303, location, billed: 0 });
    expect(await answerOf({ status: 204 })).toMatchObject({ status: 204, text: '', billed: 0 });
  });

  it('can say as much as it likes', async () => {
    for (const messageBytes of [5, 900_000]) {
      const { text } = await answerOf({ messageBytes });
      expect(JSON.parse(text).error.message).toHaveLength(messageBytes);
    }
  });

  it.each(['refuse', 'fail'] as const)('can repeat credentials and body: %s', async (kind) => {
    const { text } = await answerOf({ kind, status: 500, echo: true }, '{"secret_payload":{"a":"canary-3"}}');
    const { message } = JSON.parse(text).error;
    expect(message).toMatch(/Bearer canary-1.*canary-2.*canary-3/);
  });

  it('is counted under its own name where it has one', async () => {
    const faults: Fault[] = [{ route: RUN, name: 'gateway', kind: 'fail', body: 'html', count: 1 }];
    const { call, task, emulator } = await openEmulator({ scenario: { faults } });
    await call('POST', `/tasks/${await task()}/run`);
    expect(emulator.ledger().faults).toEqual({ gateway: 1 });
    expect(emulator.ledger().requests.at(-1)).toMatchObject({ fault: 'gateway' });
  });
});
