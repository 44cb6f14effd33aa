import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store } from '../../../src/stores/store.js';
import { startPostgres, type PostgresMajor, type TestPostgres } from '../../helpers/postgres.js';

export interface WithPostgres {
  /** Of the server, as its superuser. */
  readonly url: string;
  readonly client: Client;
  readonly store: Store;
  /** All values of all rows. */
  valuesOf(query: string): Promise<readonly unknown[]>;
}

/** A server, a client on it and our store, which are there while the tests of a suite run. */
export function withPostgres(major?: PostgresMajor): WithPostgres {
  let server: TestPostgres;
  let client: Client;
  let store: Store;
  beforeAll(async () => {
    server = await startPostgres(major);
    client = new Client({ connectionString: server.url });
    await client.connect();
    store = openUrl(server.url);
  });
  afterAll(async () => {
    await store.close();
    await client.end();
    await server.stop();
  });
  return {
    get url() {
      return server.url;
    },
    get client() {
      return client;
    },
    get store() {
      return store;
    },
    valuesOf: async (query) =>
      (await client.query<Record<string, unknown>>(query)).rows.flatMap((row) => Object.values(row)),
  };
}

export function openUrl(url: string): Store {
  return openStores({ here: { kind: 'postgres', url } }).get('here');
}
