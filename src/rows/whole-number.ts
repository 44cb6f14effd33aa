/** Longer texts would be whole only by hundreds of zeros. */
const LONGEST = 400;
const LONGEST_INT64 = 19;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const SURELY_FITS = /^-?\d{1,18}$/;

/** The plain digits of a JSON number such as `1.50e2`; undefined = it is not whole, or does not fit into 64 bits. */
export function wholeNumber(raw: string): string | undefined {
  if (SURELY_FITS.test(raw)) return raw;
  const parts = raw.length > LONGEST ? null : NUMBER.exec(raw);
  if (!parts) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const length = digits.length - fraction.length + Number(exponent);
  if (length < significant.length || length > LONGEST_INT64) return undefined;
  const value = BigInt(sign + significant.padEnd(length, '0'));
  return BigInt.asIntN(64, value) === value ? value.toString() : undefined;
}
