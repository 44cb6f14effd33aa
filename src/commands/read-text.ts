import { readFile } from 'node:fs/promises';
import { decodeText } from '../domain/decode-text.js';
import { formatProblem } from '../pipeline-file/problems.js';
import { UserError } from '../user-error.js';

/** Reads a file of UTF-8. @throws UserError where it cannot be read, or is in another encoding */
export async function readText(file: string): Promise<string> {
  const decoded = decodeText(await readBytes(file));
  if ('text' in decoded) return decoded.text;
  throw new UserError(2, formatProblem(file, { path: [], ...decoded }));
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new UserError(
      2,
      `${file}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(code)})`}`,
    );
  }
}
