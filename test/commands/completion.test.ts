import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';

/** What bash would offer after these words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = [
    `source <(${process.execPath} ${resolve('dist/cli.js')} completion bash)`,
    `COMP_WORDS=(titanflow "$@"); COMP_CWORD=$#; _titanflow; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ].join('; ');
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words]);
  return stdout.trim().split('\n');
}

describe('completion', () => {
  it('knows commands, those within them, options and their choices in bash', async () => {
    expect(await offered('sche')).toEqual(['schedule']);
    expect(await offered('schedule', 'ba')).toEqual(['backfill']);
    expect(await offered('schedule', 'backfill', '--f')).toEqual(['--from']);
    expect(await offered('schedule', 'sweep', '--policy', '')).toEqual(['report', 'adopt', 'stop']);
    expect(await offered('list', '--status', 't')).toEqual(['terminated', 'timed-out']);
    expect(await offered('run', 'file')).toEqual(['']);
  });

  it('is there for zsh and fish, and for no other shell', async () => {
    expect((await runCli(['completion', 'zsh'])).stdout).toMatch(/^#compdef titanflow\n/);
    expect((await runCli(['completion', 'fish'])).stdout).toContain(
      String.raw`complete -c titanflow -n '__titanflow_at \' schedule\'' -a apply -d `,
    );
    expect(await runCli(['completion', 'tcsh'])).toMatchObject({ code: 2 });
  });
});

describe('a slip', () => {
  it.each([
    [['shedule'], 'Did you mean schedule?'],
    [['schedule', 'aply', 'x'], 'Did you mean apply?'],
    [['run', '--jsn', 'x'], 'Did you mean --json?'],
  ])('in %j is answered with what was meant', async (args, hint) => {
    const run = await runCli(args);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(hint);
  });
});
