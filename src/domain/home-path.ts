/** Whether a path begins as one that a shell replaces: taken literally, it would be a folder called `~`. */
export function beginsWithHome(path: string): boolean {
  return path.trimStart().startsWith('~');
}

export const HOME_IS_UNKNOWN =
  'must not begin with ~, which only a shell replaces; give the whole path, or ./~ for a folder that is called so';
