import type { Command, Option } from 'commander';

/** One place on the command line, and what can be written there. */
export interface Place {
  /** Names of the commands that lead there, each behind a space: ` schedule apply`; empty at the beginning. */
  readonly at: string;
  readonly commands: readonly Described[];
  readonly options: readonly DescribedOption[];
}

export interface Described {
  readonly name: string;
  readonly description: string;
}

interface DescribedOption extends Described {
  /** What may follow it, if only some words may. */
  readonly choices: readonly string[];
}

/** Every place of a program: all that a shell must know to complete it, without asking the program again. */
export function placesOf(command: Command, at = ''): readonly Place[] {
  const commands = command.commands.filter((sub) => sub.name() !== 'help');
  return [
    {
      at,
      commands: commands.map((sub) => ({ name: sub.name(), description: sub.description() })),
      options: [...command.options.flatMap(describe), { name: '--help', description: 'show help', choices: [] }],
    },
    ...commands.flatMap((sub) => placesOf(sub, `${at} ${sub.name()}`)),
  ];
}

function describe({ long, description, argChoices = [], hidden }: Option): DescribedOption[] {
  return long === undefined || long === null || hidden ? [] : [{ name: long, description, choices: argChoices }];
}

/** Places where a command is over and files may follow. */
export function isLeaf({ commands }: Place): boolean {
  return commands.length === 0;
}
