import { onTestFinished } from 'vitest';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `data` of the success envelope. */
  readonly data: never;
  /** `error` of the error envelope; missing in a success. */
  readonly error: { readonly code: string; readonly message: string };
}

export interface Client {
  readonly emulator: Emulator;
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** Creates a task and gives its id. */
  readonly task: (changes?: Record<string, unknown>) => Promise<string>;
  /** Creates a task, runs it, and gives the execution's id. */
  readonly run: (changes?: Record<string, unknown>) => Promise<string>;
}

export const DEFINITION = {
  name: 'Product extraction',
  urls: ['https://shop.test/product/1'],
  objective: 'Extract product details',
  output_schema: { type: 'object', properties: { title: { type: 'string' }, price: { type: 'string' } } },
  execution_type: 'single',
};

/** An emulator on loopback that ends with the test, and a way to call it. */
export async function openEmulator(options: EmulatorOptions = {}): Promise<Client> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());

  const call: Client['call'] = async (method, path, body, headers = { authorization: 'Bearer any' }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${emulator.url}${path.startsWith('/__') ? '' : '/api/v1'}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: text }),
    });
    const answered = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const { data, error } = isJson ? JSON.parse(answered) : {};
    return { status: response.status, headers: response.headers, text: answered, data, error } as Answer;
  };
  const task: Client['task'] = async (changes) => {
    const { data } = await call('POST', '/tasks', { ...DEFINITION, ...changes });
    return (data as { id: string }).id;
  };
  const run: Client['run'] = async (changes) => {
    const { data } = await call('POST', `/tasks/${await task(changes)}/run`);
    return (data as { id: string }).id;
  };
  return { emulator, call, task, run };
}
