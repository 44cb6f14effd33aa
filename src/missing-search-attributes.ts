import type { SearchAttributeType } from '@temporalio/common';
import { searchAttributes } from './workflows/search-attributes.js';

export interface MissingAttribute {
  readonly name: string;
  readonly type: (typeof SearchAttributeType)['KEYWORD' | 'INT'];
}

/** What of a connection is needed, a worker's or a client's. */
export interface AttributeOperator {
  readonly operatorService: {
    listSearchAttributes(request: {
      namespace: string;
    }): Promise<{ readonly customAttributes?: Readonly<Record<string, unknown>> | null }>;
  };
}

const CLI_TYPES = { KEYWORD: 'Keyword', INT: 'Int' } as const;

/** Those of our search attributes that a namespace does not know. */
export async function missingSearchAttributes(
  { operatorService }: AttributeOperator,
  namespace: string,
): Promise<readonly MissingAttribute[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes).filter(({ name }) => !(name in (customAttributes ?? {})));
}

/** The command that registers them. */
export function registeringCommand(namespace: string, missing: readonly MissingAttribute[]): string {
  const names = missing.map(({ name, type }) => ` --name ${name} --type ${CLI_TYPES[type]}`).join('');
  return `temporal operator search-attribute create --namespace ${namespace}${names}`;
}
