import type { S3StoreConfig } from '../../domain/store-config.js';
import { openLayoutStore } from '../layout/layout-store.js';
import { openFormat } from '../layout/formats/open-format.js';
import type { Store } from '../store.js';
import type { OpenAgents } from './bucket.js';
import { openBucketPlace } from './bucket-place.js';

/** The layout of files in a bucket; the server must honour conditional writes. */
export function openS3Store(store: string, config: S3StoreConfig, openAgents?: OpenAgents): Store {
  return openLayoutStore(openBucketPlace(store, config, openAgents), openFormat(config));
}
