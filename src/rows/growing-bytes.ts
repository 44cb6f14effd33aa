/** Bytes that arrive piece by piece, in one buffer that doubles when it is full. */
export interface GrowingBytes {
  readonly length: number;
  append(source: Buffer, from?: number, to?: number): void;
  /** A view, good until the next change. */
  view(from?: number, to?: number): Buffer;
  /** Keeps no more than so many, and gives back the room of a large rest. */
  cut(length: number): void;
  clear(): void;
}

export function createGrowingBytes(): GrowingBytes {
  let storage = Buffer.alloc(0);
  let length = 0;

  return {
    get length() {
      return length;
    },
    append(source, from = 0, to = source.length) {
      const needed = length + to - from;
      if (needed > storage.length) {
        const larger = Buffer.allocUnsafe(Math.max(needed, storage.length * 2, 1024));
        storage.copy(larger, 0, 0, length);
        storage = larger;
      }
      source.copy(storage, length, from, to);
      length = needed;
    },
    view(from = 0, to = length) {
      return storage.subarray(from, to);
    },
    cut(longest) {
      storage = Buffer.from(storage.subarray(0, Math.min(longest, length)));
      length = storage.length;
    },
    clear() {
      length = 0;
    },
  };
}
