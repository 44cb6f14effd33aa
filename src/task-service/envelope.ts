import { z } from 'zod';

const failureEnvelope = z.looseObject({
  error: z.union([z.looseObject({ code: z.string().optional(), message: z.string().optional() }), z.string()]),
});

const successEnvelope = z.looseObject({ success: z.literal(true), data: z.unknown().optional() });

export type Envelope =
  | { readonly kind: 'success'; readonly data: unknown; readonly document: object }
  | { readonly kind: 'failure'; readonly code?: string; readonly message?: string; readonly document: object }
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
  const { error } = failure.data;
  if (typeof error === 'string') return { kind: 'failure', message: error, document: failure.data };
  return {
    kind: 'failure',
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.message === undefined ? {} : { message: error.message }),
    document: failure.data,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
