import { closestMatch } from 'leven';
import type { StoreConfig, StoresConfig } from '../domain/store-config.js';
import { openDuckDbStore } from './duckdb/duckdb-store.js';
import { openFilesStore } from './files/files-store.js';
import { openPostgresStore } from './postgres/postgres-store.js';
import type { OpenAgents } from './s3/bucket.js';
import { openS3Store } from './s3/s3-store.js';
import { StoreError, type Store } from './store.js';

/** The stores of a stores file. A store's driver is opened when the store is first asked for. */
export interface Stores {
  readonly names: readonly string[];
  /** @throws StoreError `setup` where no store has that name, `rejected` where its settings make no sense. */
  get(name: string): Store;
  /** Closes every store that was opened. For when no load is under way: Postgres would wait for it, files not. */
  close(): Promise<void>;
}

/** @param openAgents opens the connections' agents of stores that speak HTTP; default: they go straight to their servers */
export function openStores(config: StoresConfig, openAgents?: OpenAgents): Stores {
  const configs = new Map(Object.entries(config));
  const opened = new Map<string, Store>();
  const names = [...configs.keys()];
  return {
    names,
    get(name) {
      const settings = configs.get(name);
      if (settings === undefined) {
        throw new StoreError('setup', unknownStore(name, names), { isUnknown: true });
      }
      const store = opened.get(name) ?? openStore(name, settings, openAgents);
      opened.set(name, store);
      return store;
    },
    async close() {
      await Promise.all([...opened.values()].map((store) => store.close()));
      opened.clear();
    },
  };
}

function openStore(name: string, config: StoreConfig, openAgents: OpenAgents | undefined): Store {
  switch (config.kind) {
    case 'duckdb':
      return openDuckDbStore(config);
    case 'files':
      return openFilesStore(config);
    case 'postgres':
      return openPostgresStore(name, config);
    case 's3':
      return openS3Store(name, config, openAgents);
  }
}

function unknownStore(name: string, names: readonly string[]): string {
  const nearest = closestMatch(name, names, { maxDistance: 3 });
  const hint = nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
  const known =
    names.length === 0 ? 'there are none' : `known are ${names.map((known) => JSON.stringify(known)).join(', ')}`;
  return `There is no store ${JSON.stringify(name)}; ${known}.${hint}`;
}
