import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RouteContext } from './route.js';
import type { Json } from './json.js';

/** The API's error codes by HTTP status; 409 and 503 are ours, in the manner of the documented ones. */
const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  501: 'NOT_IMPLEMENTED',
  503: 'SERVICE_UNAVAILABLE',
};

/** A request that is refused: the API's error envelope, as an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, message: string, code = CODES[status] ?? 'ERROR') {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** `{"success": true, "data": …}`. */
export function success(context: RouteContext, data: Json, status: ContentfulStatusCode = 200): Response {
  return context.json({ success: true, data }, status);
}

/** `{"success": false, "error": {"code", "message"}}`. */
export function failure(error: ApiError, headers: Readonly<Record<string, string>> = {}): Response {
  const body = { success: false, error: { code: error.code, message: error.message } };
  return Response.json(body, { status: error.status, headers });
}
