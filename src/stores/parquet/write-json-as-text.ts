import { open } from 'node:fs/promises';
import { memberName, visitMembers } from '../../domain/json-members.js';
import { readLines } from '../layout/read-lines.js';

/**
 * Copies a JSON Lines file with some of the members as texts that hold their JSON: DuckDB, asked for JSON, would write
 * it anew and lose digits.
 *
 * @returns bytes of the longest line
 */
export async function writeJsonAsText(
  lines: string,
  members: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const documents = new Set(members);
  const file = await open(path, 'w');
  let longest = 0;
  try {
    for await (const batch of readLines(lines, signal)) {
      let text = '';
      for (const line of batch) {
        const written = asText(line, documents);
        longest = Math.max(longest, Buffer.byteLength(written));
        text += written;
      }
      await file.writeFile(text);
    }
    return longest;
  } finally {
    await file.close();
  }
}

function asText(line: string, documents: ReadonlySet<string>): string {
  let text = '';
  let copied = 0;
  visitMembers(line, (nameStart, nameEnd, start, end) => {
    if (!documents.has(memberName(line, nameStart, nameEnd)) || line.startsWith('null', start)) return;
    text += line.slice(copied, start) + JSON.stringify(line.slice(start, end));
    copied = end;
  });
  return `${text}${line.slice(copied)}\n`;
}
