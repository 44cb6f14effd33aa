/** A body that is longer than anything that was asked for. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';

  constructor(limit: number) {
    super(`the answer is longer than ${limit / 2 ** 20} MB and was not read any further`);
  }
}

/**
 * Reads a body piece by piece, and no further than the limit: a few hundred kB that came compressed may be hundreds of
 * MB. Breaking off also ends the transfer.
 *
 * @param limit bytes, unpacked
 * @throws BodyTooLong
 */
export async function readText(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > limit) throw new BodyTooLong(limit);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
