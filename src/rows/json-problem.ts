import { findJsonFault } from '../domain/json-fault.js';

/** What programs that write no JSON put in place of a value. */
const WORDS = /^(?:[+-]?(?:NaN|Infinity|inf)|nan|undefined|None|True|False|nil)(?!\w)/;

/** Says where a text stops being JSON, to follow `is not valid JSON`. Nothing of the text but such a word is shown. */
export function jsonProblem(text: string): string {
  const fault = faultOf(text);
  if (fault === undefined) return '';
  const [word] = WORDS.exec(text.slice(fault.offset, fault.offset + LONGEST_WORD)) ?? [];
  return `: ${word ?? fault.message} at character ${fault.offset + 1}`;
}

const LONGEST_WORD = 12;

/** The search takes a text of many megabytes in one step, for which the stack may be too small. */
function faultOf(text: string): ReturnType<typeof findJsonFault> {
  try {
    return findJsonFault(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
