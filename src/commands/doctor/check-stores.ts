import { loadAgents } from '../../config.js';
import { loadStoresConfig } from '../../stores-config.js';
import type { Column } from '../../domain/rows.js';
import { openStores, type Stores } from '../../stores/open-stores.js';
import { StoreError } from '../../stores/store.js';
import { bad, ok, reasonOf, type Check } from './check.js';

/** A table that nobody has: what its first publication would need is what is looked at, and nothing is made. */
const TABLE = 'titanflow_doctor';
const COLUMNS: readonly Column[] = [{ name: 'looked_at', type: 'timestamptz' }];
const OWNER = 'titanflow doctor';

export async function checkStores(): Promise<readonly Check[]> {
  const config = loadStoresConfig();
  const stores = openStores(config, loadAgents());
  try {
    return await Promise.all(stores.names.map((name) => checkStore(stores, name, config[name]?.kind ?? '')));
  } finally {
    await stores.close();
  }
}

async function checkStore(stores: Stores, store: string, kind: string): Promise<Check> {
  const name = `store ${store}`;
  try {
    await stores.get(store).check({ store, table: TABLE, mode: 'append' }, OWNER, COLUMNS);
    return ok(name, `${kind}: can be written to`);
  } catch (error) {
    const isAway = error instanceof StoreError && error.reason === 'unavailable';
    const cure = isAway
      ? 'start it, or mend its address in the stores file'
      : 'mend it, or its settings in the stores file';
    return bad(isAway ? 'unreachable' : 'fail', name, `${kind}: ${reasonOf(error)}`, cure);
  }
}
