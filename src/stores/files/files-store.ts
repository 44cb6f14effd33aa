import type { FilesStoreConfig } from '../../domain/store-config.js';
import { openLayoutStore } from '../layout/layout-store.js';
import { openFormat } from '../layout/formats/open-format.js';
import type { Store } from '../store.js';
import { openFolderPlace } from './folder-place.js';

/** Files of one machine, a folder for each table. */
export function openFilesStore(config: FilesStoreConfig): Store {
  return openLayoutStore(openFolderPlace(config.directory), openFormat(config));
}
