import { z } from 'zod';
import { withExactIds } from './exact-ids.js';

/** The envelope is the service's, whatever else stands there. */
const text = z.string().optional().catch(undefined);

const failureEnvelope = z.looseObject({
  success: z.unknown().optional(),
  error: z.union([z.looseObject({ code: text, message: text }), z.string().min(1)]),
});

const successEnvelope = z.looseObject({ success: z.literal(true), data: z.unknown().optional() });

export type Envelope =
  | { readonly kind: 'success'; readonly data: unknown; readonly document: object }
  | {
      readonly kind: 'failure';
      /** Whether it is the service's own, with `success: false`. Gateways speak of an `error` too. */
      readonly isOwn: boolean;
      readonly code?: string;
      readonly message?: string;
      readonly document: object;
    }
  | { readonly kind: 'other'; readonly document?: unknown };

/**
 * Reads `{"success": true, "data": …}` or `{"success": false, "error": {"code", "message"}}`. What is neither (a
 * gateway's HTML, an empty body, the media CDN's `{"error": "text"}`) never throws here: the caller knows what it
 * had asked for.
 */
export function readEnvelope(body: string): Envelope {
  const document = parse(body);
  const success = successEnvelope.safeParse(document);
  if (success.success) return { kind: 'success', data: success.data.data, document: success.data };
  const failure = failureEnvelope.safeParse(document);
  if (!failure.success) return { kind: 'other', document };
  const { error, success: said } = failure.data;
  const isOwn = said === false;
  if (typeof error === 'string') return { kind: 'failure', isOwn, message: error, document: failure.data };
  return {
    kind: 'failure',
    isOwn,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.message === undefined ? {} : { message: error.message }),
    document: failure.data,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(withExactIds(body));
  } catch {
    return undefined;
  }
}
