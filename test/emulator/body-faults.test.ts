import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openEmulator } from './open-emulator.js';

const EXPORT = 'GET /executions/:id/results/export';

describe('a body', () => {
  it('that trickles is whole, and takes its time', async () => {
    const faults = [{ route: EXPORT, kind: 'trickle', bytesPerSecond: 2000, count: 1 } as const];
    const { call, run } = await openEmulator({ scenario: { seconds: 0, rows: 10, faults } });
    const path = `/executions/${await run()}/results/export`;
    const from = performance.now();
    const slow = (await call('GET', path)).text;
    const seconds = (performance.now() - from) / 1000;
    expect(slow).toBe((await call('GET', path)).text);
    expect(seconds).toBeGreaterThan((slow.length / 2000) * 0.8);
  });

  it('that trickles ends with its reader', async () => {
    const faults = [{ route: EXPORT, kind: 'trickle', bytesPerSecond: 10 } as const];
    const { emulator, run } = await openEmulator({ scenario: { seconds: 0, rows: 1000, faults } });
    const url = `${emulator.url}/api/v1/executions/${await run()}/results/export`;
    const asked = fetch(url, { headers: { 'x-api-key': 'any' }, signal: AbortSignal.timeout(400) });
    await expect(asked.then((answer) => answer.text())).rejects.toThrow('timeout');
  });

  it('that is a bomb is small on the wire, large once it is unpacked, and means the same', async () => {
    const route = 'GET /executions/:id';
    const faults = [{ route, kind: 'bomb', megabytes: 20 } as const];
    const { call, run, emulator } = await openEmulator({ scenario: { seconds: 0, faults } });
    const path = `/executions/${await run()}`;
    const { text, data, headers } = await call('GET', path);
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(text.length).toBeGreaterThan(20 * 1024 * 1024);
    expect(data).toMatchObject({ status: 'completed' });
    expect(await bytesOnTheWire(`${emulator.url}/api/v1${path}`)).toBeLessThan(40_000);
  });
});

async function bytesOnTheWire(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { 'x-api-key': 'any' } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => resolve(bytes));
    });
    request.on('error', reject);
  });
}
