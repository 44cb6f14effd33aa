import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../src/rows/document-error.js';
import { unpack } from '../../src/rows/unpack.js';

const TEXT = Buffer.from(JSON.stringify(Array.from({ length: 2000 }, (_, row) => ({ row, name: `é ${row % 7}` }))));
const PACKED = gzipSync(TEXT);

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Buffer, size = 1000): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of unpack(inChunks(bytes, size))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function failureOf(bytes: Buffer, size?: number): Promise<DocumentError> {
  const error: unknown = await unpacked(bytes, size).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DocumentError);
  return error as DocumentError;
}

describe('a document', () => {
  it.each([0, 1, 2, TEXT.length])('that is not compressed passes as it is, with %d bytes', async (length) => {
    for (const size of [1, 7, 100_000]) {
      expect((await unpacked(TEXT.subarray(0, length), size)).equals(TEXT.subarray(0, length))).toBe(true);
    }
  });

  it.each([
    ['compressed', PACKED],
    ['compressed twice, as a file that is sent compressed', gzipSync(PACKED)],
    [
      'in several members, as tools that append write it',
      Buffer.concat([TEXT.subarray(0, 9999), TEXT.subarray(9999)].map((part) => gzipSync(part))),
    ],
    ['padded with zeros', Buffer.concat([PACKED, Buffer.alloc(600)])],
  ])('%s, is told by its bytes', async (_, bytes) => {
    for (const size of [1, 7, 1000, 100_000]) expect((await unpacked(bytes, size)).equals(TEXT)).toBe(true);
  });

  it('compressed to nothing is empty', async () => {
    expect(await unpacked(gzipSync(''))).toHaveLength(0);
  });

  it('that is cut off anywhere is incomplete, however little is missing', async () => {
    for (const length of [2, 9, 10, 11, 500, PACKED.length - 9, PACKED.length - 8, PACKED.length - 1]) {
      expect(await failureOf(PACKED.subarray(0, length))).toMatchObject({ reason: 'incomplete' });
    }
    const second = Buffer.concat([PACKED, PACKED.subarray(0, 30)]);
    for (const size of [7, PACKED.length, 100_000]) expect((await failureOf(second, size)).reason).toBe('incomplete');
  });

  it('that is damaged is incomplete', async () => {
    for (const at of [2, 100, PACKED.length - 5, PACKED.length - 2]) {
      const damaged = Buffer.from(PACKED);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
      expect(await failureOf(damaged)).toMatchObject({
        reason: 'incomplete',
        message: expect.stringContaining('compressed with gzip and not whole'),
      });
    }
  });

  it('that is followed by something else is incomplete, wherever the chunks break', async () => {
    const followed = Buffer.concat([PACKED, Buffer.from('<html>')]);
    for (const size of [1, PACKED.length - 1, PACKED.length, PACKED.length + 1, 100_000]) {
      expect(await failureOf(followed, size)).toMatchObject({ reason: 'incomplete' });
    }
  });

  it('that unpacks to hundreds of times its size is given up before it fills the disk', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 0x20));
    for (const bytes of [bomb, gzipSync(bomb)]) {
      let seen = 0;
      const reading = async (): Promise<void> => {
        for await (const chunk of unpack(inChunks(bytes, 10_000))) seen += chunk.length;
      };
      await expect(reading()).rejects.toMatchObject({ reason: 'unusable' });
      expect(seen).toBeLessThan(140_000_000);
    }
  });

  it('passes on why its source failed', async () => {
    async function* source(): AsyncGenerator<Buffer> {
      yield PACKED.subarray(0, 2000);
      throw new Error('the line is dead');
    }
    const reading = async (): Promise<void> => {
      for await (const chunk of unpack(source())) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(reading()).rejects.toThrow('the line is dead');
  });

  it.each([TEXT, PACKED])('leaves its source when the reader goes', async (bytes) => {
    let isLeft = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield bytes;
      } finally {
        isLeft = true;
      }
    }
    for await (const chunk of unpack(endless())) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => isLeft).toBe(true);
  });
});
