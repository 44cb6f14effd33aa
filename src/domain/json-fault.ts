/** Where a text stops being JSON, and what should stand there. */
export interface JsonFault {
  readonly offset: number;
  readonly message: string;
}

const BLANK = /[ \t\n\r]*/y;
const TEXT = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

type Expected = 'value' | 'first item' | 'first key' | 'key' | 'colon' | 'separator' | 'end';

/** `JSON.parse` does not say on every version of Node where it failed; undefined if the text is JSON. */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('}' | ']')[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    offset += matchAt(BLANK, text, offset).length;
    if (offset === text.length && expected === 'end') return undefined;
    const token = tokenAt(text, offset);
    const next: Expected | undefined = token === '' ? undefined : step(expected, token, open);
    if (next === undefined) return { offset, message: explain(text, offset, expected, open.at(-1)) };
    expected = next;
    offset += token.length;
  }
}

/** What may follow a token; undefined where the token may not stand. */
function step(expected: Expected, token: string, open: ('}' | ']')[]): Expected | undefined {
  const mayClose = expected === 'separator' || expected === (token === '}' ? 'first key' : 'first item');
  if (mayClose && token === open.at(-1)) {
    open.pop();
    return open.length === 0 ? 'end' : 'separator';
  }
  if (expected === 'colon') return token === ':' ? 'value' : undefined;
  if (expected === 'separator' && token === ',') return open.at(-1) === '}' ? 'key' : 'value';
  if (expected === 'separator') return undefined;
  if (expected === 'first key' || expected === 'key') return token.startsWith('"') ? 'colon' : undefined;
  if (expected === 'end' || [':', ',', '}', ']'].includes(token)) return undefined;
  if (token !== '{' && token !== '[') return open.length === 0 ? 'end' : 'separator';
  open.push(token === '{' ? '}' : ']');
  return token === '{' ? 'first key' : 'first item';
}

function explain(text: string, offset: number, expected: Expected, close: string | undefined): string {
  const atEnd = offset === text.length;
  if (atEnd) return close === undefined ? 'a value is missing' : `the text ends before the closing ${close}`;
  if (/^(?:\/[/*]|#)/.test(text.slice(offset, offset + 2))) return 'JSON has no comments: remove it';
  if (expected === 'end') return 'nothing may follow the value';
  const afterComma = expected === 'key' || expected === 'value';
  if (afterComma && text[offset] === close) return `JSON has no comma before a closing ${close}`;
  if (expected === 'colon') return 'a ":" is missing after the key';
  if (expected === 'separator') return `a "," or the closing ${close} is missing`;
  return expected.endsWith('key') ? 'a key in double quotes is missing' : 'this is not a JSON value';
}

function tokenAt(text: string, offset: number): string {
  if ('{}[]:,'.includes(text.charAt(offset))) return text.charAt(offset);
  return matchAt(TEXT, text, offset) || matchAt(SCALAR, text, offset);
}

function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? '';
}
