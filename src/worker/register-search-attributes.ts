import { setTimeout as sleep } from 'node:timers/promises';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import type { NativeConnection } from '@temporalio/worker';
import { missingSearchAttributes, registeringCommand } from '../missing-search-attributes.js';
import { UserError } from '../user-error.js';

const VISIBLE_WITHIN_MS = 10_000;

/**
 * Makes sure that the server knows our search attributes. A workflow that sets an unknown one hangs for ever, so a
 * worker must not poll without them.
 *
 * @throws UserError with the exact command, where the server does not let us register them.
 */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing
          .map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type)] as const)
          .map(([name, type]) => [name, type ?? 0]),
      ),
    });
    await untilVisible(connection, namespace);
  } catch (error) {
    throw new UserError(
      3,
      `namespace ${namespace} lacks the search attributes ${missing.map(({ name }) => name).join(', ')}, and the server does not let this worker add them (${reasonOf(error)}); run: ${registeringCommand(namespace, missing)}`,
    );
  }
}

async function untilVisible(connection: NativeConnection, namespace: string): Promise<void> {
  const until = Date.now() + VISIBLE_WITHIN_MS;
  while ((await missingSearchAttributes(connection, namespace)).length > 0) {
    if (Date.now() > until) throw new Error('added, but not visible yet');
    await sleep(250);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
