import { StagingError } from './staging.js';

/** Does work on a path. @throws StagingError that names it */
export async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStagingError(path, error);
  }
}

function asStagingError(path: string, error: unknown): StagingError {
  const code = codeOf(error) ?? String(error);
  if (code === 'ENOENT') return new StagingError('missing', `staging: there is no ${path}`, { cause: error });
  return new StagingError('unavailable', `staging: ${path} cannot be used: ${code}`, { cause: error });
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
