import { z } from 'zod';
import type { DocumentError } from '../rows/document-error.js';

/** A document that nobody could read as rows, and that came again and again, byte for byte. It travels as heartbeat details. */
const unreadDocument = z.object({
  sha256: z.string(),
  bytes: z.number(),
  looks: z.number(),
  /** When it came first; milliseconds since 1970. */
  since: z.number(),
});
export type UnreadDocument = Readonly<z.infer<typeof unreadDocument>>;

/** Reads from an activity's heartbeat details what the attempt before it could not read. */
export function unreadBefore(details: unknown): UnreadDocument | undefined {
  return z.object({ unread: unreadDocument }).safeParse(details).data?.unread;
}

/** Counts another look. */
export function unreadNow(
  before: UnreadDocument | undefined,
  { sha256, bytes }: Pick<UnreadDocument, 'sha256' | 'bytes'>,
): UnreadDocument {
  const isSame = before?.sha256 === sha256 && before.bytes === bytes;
  return isSame ? { ...before, looks: before.looks + 1 } : { sha256, bytes, looks: 1, since: Date.now() };
}

export interface Looks {
  /** Looks in a row that brought the same bytes. */
  readonly count: number;
  /** Time between the first and the last of them. */
  readonly forMs: number;
  /** Whether the transport tells that these are all bytes: by their length, or a last chunk. */
  readonly isProvenWhole: boolean;
}

/** An export that came to its end and cannot be read as rows. */
export class UnreadExport extends Error {
  override readonly name = 'UnreadExport';
  readonly problem: DocumentError;
  readonly looks: Looks;
  /** Whether it is known that it is not downloaded again; undefined = nobody has decided. */
  readonly isFinal: boolean | undefined;
  /** Where the bytes are kept; undefined = they are not. */
  readonly uri: string | undefined;

  constructor(problem: DocumentError, looks: Looks, isFinal?: boolean, uri?: string) {
    super(problem.message, { cause: problem });
    this.problem = problem;
    this.looks = looks;
    this.isFinal = isFinal;
    this.uri = uri;
  }
}
