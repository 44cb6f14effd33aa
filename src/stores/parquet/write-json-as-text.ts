import { open } from 'node:fs/promises';
import { readLines } from '../layout/read-lines.js';
import { membersOf } from '../layout/json-line.js';

/**
 * Copies a JSON Lines file with some of the members as texts that hold their JSON: DuckDB, asked for JSON, would write
 * it anew and lose digits.
 */
export async function writeJsonAsText(
  lines: string,
  members: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const documents = new Set(members);
  const file = await open(path, 'w');
  try {
    for await (const batch of readLines(lines, signal)) {
      await file.writeFile(batch.map((line) => asText(line, documents)).join(''));
    }
  } finally {
    await file.close();
  }
}

function asText(line: string, documents: ReadonlySet<string>): string {
  const members = [...membersOf(line)].map(([name, raw]) => {
    const value = raw !== 'null' && documents.has(name) ? JSON.stringify(raw) : raw;
    return `${JSON.stringify(name)}:${value}`;
  });
  return `{${members.join(',')}}\n`;
}
