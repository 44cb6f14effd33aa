import type { Format } from './format.js';

/** A line is a row as it came: every digit, every byte. */
export const jsonlFormat: Format = {
  ending: 'jsonl',
  requireColumns: () => undefined,
  createFitting: () => (row) => row,
  write: ({ lines }) => Promise.resolve(lines),
};
