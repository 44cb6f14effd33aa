import type { Emulator } from '../../src/emulator/emulator.js';

/** Calls the Task Service as a person beside titanflow does. @returns the id of what the answer is about */
export async function callByHand(
  { url }: Pick<Emulator, 'url'>,
  method: 'POST' | 'PATCH',
  path: string,
  body: object = {},
): Promise<string> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { data: { id: string } }).data.id;
}
