import { EventEmitter } from 'node:events';
import { Client } from 'pg';
import type { PostgresClientConfig } from './connection-settings.js';

/**
 * Does what the driver leaves out: it takes no PGOPTIONS from the environment, and gives no password to a server without
 * channel binding where that is required.
 */
export class PostgresClient extends Client {
  #isBound = false;

  constructor(config: PostgresClientConfig) {
    const { password, requiresChannelBinding } = config;
    super({
      ...config,
      password: async () => {
        if (requiresChannelBinding) this.requireBinding();
        return typeof password === 'function' ? await password() : (password ?? '');
      },
    });
    const { connection, connectionParameters } = innerPartsOf(this);
    connectionParameters.options = config.options;
    connection.prependListener('authenticationSASL', ({ mechanisms }: { mechanisms: readonly string[] }) => {
      this.#isBound = mechanisms.includes(BOUND);
    });
  }

  /** @throws Error where the server has not bound its authentication to the TLS session. */
  requireBinding(): void {
    if (!this.#isBound)
      throw new Error('SSL: channel_binding=require, and the server does not offer SCRAM-SHA-256-PLUS');
  }
}

const BOUND = 'SCRAM-SHA-256-PLUS';

interface InnerParts {
  readonly connection: EventEmitter;
  readonly connectionParameters: { options: string | undefined };
}

/** Its types leave them out. */
function innerPartsOf(client: unknown): InnerParts {
  if (!hasInnerParts(client)) throw new Error('this version of pg has no connection parameters');
  return client;
}

function hasInnerParts(client: unknown): client is InnerParts {
  return (
    typeof client === 'object' &&
    client !== null &&
    'connection' in client &&
    client.connection instanceof EventEmitter &&
    'connectionParameters' in client
  );
}
