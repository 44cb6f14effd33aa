import { ApiError } from './envelope.js';

/**
 * Checks the credential of a request: `Authorization: Bearer …` or `X-API-Key`.
 *
 * @param token the one that is accepted; undefined = any that is not empty
 * @throws ApiError 401
 */
export function checkCredential(header: (name: string) => string | undefined, token: string | undefined): void {
  const [, bearer] = /^Bearer\s+(\S.*)$/i.exec(header('authorization') ?? '') ?? [];
  const credential = bearer?.trim() ?? header('x-api-key')?.trim() ?? '';
  if (credential === '') {
    throw new ApiError(401, 'a credential is missing: send "Authorization: Bearer <token>" or "X-API-Key: <token>"');
  }
  if (token !== undefined && credential !== token) throw new ApiError(401, 'the credential is not accepted');
}
