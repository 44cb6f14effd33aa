import { createInterface } from 'node:readline/promises';
import { escaped } from '../printable.js';

/** Whether somebody is there who can be asked. */
export function isAskable(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on the terminal; anything but a yes is a no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^\s*y(?:es)?\s*$/i.test(await terminal.question(`${escaped(question)} [y/N] `));
  } finally {
    terminal.close();
  }
}
