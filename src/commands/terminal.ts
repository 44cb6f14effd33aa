import pc from 'picocolors';
import { loadSecrets } from '../config.js';
import type { ForeignText } from '../domain/foreign-text.js';
import { hidingLong } from '../known-secrets.js';
import { escaped } from '../printable.js';

/** Prints what was asked for. */
export function print(text: string): void {
  // oxlint-disable-next-line no-console -- the one door to standard output
  console.log(fitForTerminal(text));
}

/** Prints a value as JSON on one line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Tells what goes on, beside what was asked for. */
export function say(text: string): void {
  // oxlint-disable-next-line no-console -- the one door to standard error
  console.error(fitForTerminal(text));
}

/**
 * The last net below everything that a command writes. Texts of others are made printable where they are put into a line;
 * here are let through only line breaks, tabs and colours, and colours only where we use them.
 */
export function fitForTerminal(text: string): string {
  hide ??= hidingLong(loadSecrets());
  return hide(text).split(HARMLESS).map(atOdds).join('');
}

let hide: ForeignText | undefined;

// oxlint-disable-next-line no-control-regex -- the escape character begins a colour
const HARMLESS = pc.isColorSupported ? /([\n\t]|\u001B\[\d{1,2}m)/ : /([\n\t])/;

/** A split by a captured pattern leaves what matched at every second place. */
function atOdds(part: string, index: number): string {
  return index % 2 === 1 ? part : escaped(part);
}
