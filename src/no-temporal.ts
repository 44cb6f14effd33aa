import type { ClientConfig } from './config.js';
import { UserError } from './user-error.js';

const DEFAULT_ADDRESS = 'localhost:7233';

/** Nothing answers where the settings say that Temporal is. */
export function noTemporal({ temporal }: ClientConfig, cause: unknown): UserError {
  const address = temporal.connectionOptions.address ?? DEFAULT_ADDRESS;
  const cure = 'start one with `titanflow dev`, or set TEMPORAL_ADDRESS';
  return new UserError(3, `no Temporal server answers at ${address}; ${cure}`, { cause });
}
