import { ApplicationFailure } from '@temporalio/common';

/** The secrets that runs may send: the worker's `TITANFLOW_SECRET_<NAME>`s and nothing else of its environment. */
export interface Secrets {
  /** @throws ApplicationFailure `InvalidInput` if this worker has no such secret. */
  resolve(name: string): string;
  resolveAll(payload: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined;
}

export function createSecrets(values: ReadonlyMap<string, string>): Secrets {
  function resolve(name: string): string {
    const value = values.get(name);
    if (value !== undefined) return value;
    throw ApplicationFailure.nonRetryable(
      `the worker has no secret "${name}"; set TITANFLOW_SECRET_${name} where it runs`,
      'InvalidInput',
    );
  }

  return {
    resolve,
    resolveAll(payload) {
      if (payload === undefined) return undefined;
      return Object.fromEntries(Object.entries(payload).map(([key, name]) => [key, resolve(name)]));
    },
  };
}
