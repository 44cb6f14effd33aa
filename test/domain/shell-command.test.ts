import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellCommand } from '../../src/domain/shell-command.js';

it.each([
  ['pipeline/prices/2026-11-28', 'titanflow retry pipeline/prices/2026-11-28'],
  ['pipeline/prices/scheduled-2026-11-28T20:00:00Z', 'titanflow retry pipeline/prices/scheduled-2026-11-28T20:00:00Z'],
  ['pipeline/my prices/a b', "titanflow retry 'pipeline/my prices/a b'"],
  ["it's", String.raw`titanflow retry 'it'\''s'`],
  ['a;rm -rf $HOME`id`', "titanflow retry 'a;rm -rf $HOME`id`'"],
  ['~root', "titanflow retry '~root'"],
  ['-k', "titanflow retry -- '-k'"],
  ['Preise/für*', "titanflow retry 'Preise/für*'"],
  ['', "titanflow retry ''"],
])('a command with the id %j comes out of a shell as it went in', (id, command) => {
  expect(shellCommand('retry', id)).toBe(command);
  const words = execFileSync('sh', ['-c', `for each in ${command}; do printf '%s\\n' "$each"; done`], {
    encoding: 'utf8',
  });
  expect(words.split('\n').at(-2)).toBe(id);
});
