const ZERO = 0x30;

/** Leaves the zeros at the end of digits out. A pattern such as `/0+$/` takes the square of the time where zeros stand before others. */
export function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === ZERO) end -= 1;
  return digits.slice(0, end);
}
