import type { Column, Row } from '../../domain/rows.js';
import type { TargetColumn } from './check-table.js';

/** Told of a load's rows: whether no two of them have the same key. */
export interface DistinctKeys {
  add(row: Row): void;
  /** False: two have, or that could not be told. */
  readonly areSurelyDistinct: boolean;
}

/** 64 MB of fingerprints. */
const MOST_SLOTS = 2 ** 24;
/** Of the slots that are taken in the end. */
const FULLEST = 0.75;

/**
 * Tells by fingerprints of 32 bits in a table that places them by 32 others. To let the server count the keys takes a tenth
 * of a merge. Of a million keys that are distinct, one load in thousands is not told to be so, and the server counts.
 *
 * @param types the table's: only texts and whole numbers have one way to be written
 * @param rows as many as there may be
 */
export function createDistinctKeys(
  columns: readonly Column[],
  types: readonly (Column & Pick<TargetColumn, 'target'>)[],
  key: readonly string[],
  rows: number,
): DistinctKeys {
  const positions = key.map((name) => columns.findIndex((column) => column.name === name));
  const slots = 2 ** Math.ceil(Math.log2(Math.max(rows / FULLEST, 2)));
  const haveOneForm = positions.every((position) => {
    const type = types[position]?.type;
    const hasOneForm = types[position]?.target === undefined && (type === 'text' || type === 'bigint');
    return hasOneForm && type === columns[position]?.type;
  });
  let areSurelyDistinct = key.length > 0 && haveOneForm && slots <= MOST_SLOTS;
  const fingerprints = new Uint32Array(areSurelyDistinct ? slots : 0);
  let left = rows;

  return {
    add({ cells, isPlain }) {
      if (!areSurelyDistinct) return;
      let place = 0x811c9dc5;
      let fingerprint = 0x9747b28c;
      left -= 1;
      areSurelyDistinct = left >= 0;
      for (const position of positions) {
        const cell = cells[position] ?? '';
        areSurelyDistinct &&= isPlain === true ? cell !== '-0' : HAS_ONE_FORM.test(cell);
        for (let at = 0; at < cell.length; at += 1) {
          const unit = cell.charCodeAt(at);
          place = Math.imul(place ^ unit, 0x01000193);
          fingerprint = Math.imul(fingerprint ^ unit, 0x5bd1e995);
          fingerprint ^= fingerprint >>> 15;
        }
        // No cell has this in it: "ab", "c" is another key than "a", "bc".
        place = Math.imul(place ^ SEPARATOR, 0x01000193);
        fingerprint = Math.imul(fingerprint ^ SEPARATOR, 0x5bd1e995);
      }
      areSurelyDistinct &&= enter(place ^ (place >>> 15), (fingerprint ^ (fingerprint >>> 13)) >>> 0 || 1);
    },
    get areSurelyDistinct() {
      return areSurelyDistinct;
    },
  };

  /** @returns false where it is there already */
  function enter(place: number, fingerprint: number): boolean {
    for (let slot = place & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const taken = fingerprints[slot];
      if (taken === fingerprint) return false;
      if (taken !== 0) continue;
      fingerprints[slot] = fingerprint;
      return true;
    }
  }
}

/** A text without escapes, or a whole number as Postgres writes it. */
const HAS_ONE_FORM = /^(?:"[^"\\]*"|0|-?[1-9]\d{0,18})$/;
const SEPARATOR = 0x1f;
