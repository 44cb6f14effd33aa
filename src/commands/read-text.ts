import { readFile } from 'node:fs/promises';
import { UserError } from '../user-error.js';

/** @throws UserError where the file cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new UserError(
      2,
      `${file}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(code)})`}`,
    );
  }
}
