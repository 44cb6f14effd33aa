/** Words that a shell takes as they are. */
const PLAIN = /^[\w@%+=:,./][\w@%+=:,./-]*$/u;

/**
 * Returns a command of ours as a person can paste it into a shell: an id that a shell would split or read otherwise is
 * quoted, and one that begins like an option comes after `--`.
 */
export function shellCommand(command: string, ...ids: readonly string[]): string {
  const options = ids.some((id) => id.startsWith('-')) ? ['--'] : [];
  return ['titanflow', command, ...options, ...ids.map(shellWord)].join(' ');
}

function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
