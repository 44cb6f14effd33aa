import { createHash } from 'node:crypto';

export type NonEmpty<Item> = readonly [Item, ...Item[]];

/** Numbers that depend on the seed alone, so that a run can be repeated. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  integer(min: number, max: number): number;
  /** True this often: 0 never, 1 always. */
  chance(share: number): boolean;
  pick<Item>(items: NonEmpty<Item>): Item;
}

/** The generator known as mulberry32: 32 bits of state are enough for one row, and it is cheap to start anew for each. */
export function createRandom(seed: number): Random {
  let state = seed | 0;

  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    fraction,
    integer: (min, max) => min + Math.floor(fraction() * (max - min + 1)),
    chance: (share) => fraction() < share,
    pick: (items) => items[Math.floor(fraction() * items.length)] ?? items[0],
  };
}

/** A 32-bit seed from any text. */
export function seedOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
