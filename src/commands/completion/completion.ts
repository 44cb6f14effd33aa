import type { Command } from 'commander';
import { placesOf } from './command-tree.js';
import { bashScript, fishScript, zshScript } from './scripts.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `titanflow completion SHELL`: prints what the shell must read. */
export function completion(program: Command, shell: keyof typeof SCRIPTS): void {
  process.stdout.write(SCRIPTS[shell](program.name(), placesOf(program)));
}
