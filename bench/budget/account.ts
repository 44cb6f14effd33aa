import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Seen } from './figures.js';
import type { Load } from './load.js';

/** An account with the service, in a process of its own. */
export interface Account {
  readonly url: string;
  /** Runs whose export was handed out, as of a moment ago. */
  exported(): number;
  seen(): Promise<Seen>;
  close(): Promise<void>;
}

export async function openAccount(load: Load): Promise<Account> {
  const child = fork(fileURLToPath(new URL('account-process.js', import.meta.url)), [JSON.stringify(load)]);
  const [url] = await once(child, 'message');
  let exported = 0;
  child.on('message', (news) => {
    if (typeof news === 'number') exported = news;
  });
  return {
    url,
    exported: () => exported,
    async seen() {
      child.send('seen');
      for await (const [news] of on(child, 'message')) if (typeof news === 'object') return news;
      throw new Error('the account is closed');
    },
    async close() {
      const closed = once(child, 'exit');
      child.kill();
      await closed;
    },
  };
}
