import { ApiError } from './envelope.js';
import { parseJsonObject, type JsonObject } from './json.js';
import type { RouteContext } from './route.js';

/**
 * The JSON object in a request's body; where it is optional, nothing at all counts as an empty one.
 *
 * @throws ApiError 400
 */
export async function readBody(context: RouteContext, need: 'required' | 'optional' = 'required'): Promise<JsonObject> {
  const text = await context.req.text();
  if (need === 'optional' && text.trim() === '') return {};
  const body = parseJsonObject(text);
  if (body) return body;
  throw new ApiError(400, 'the body must be a JSON object');
}

/** Names only: from here on the values are forgotten. @throws ApiError 400 */
export function secretNamesIn({ secret_payload: secrets = {} }: JsonObject): string[] {
  if (typeof secrets === 'object' && secrets !== null && !Array.isArray(secrets)) return Object.keys(secrets);
  throw new ApiError(400, 'secret_payload: must be an object');
}
