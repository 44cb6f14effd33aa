import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { downloadTemporal } from '../../../src/dev/temporal/download-temporal.js';
import { temporalBinary } from '../../helpers/temporal-binary.js';
import { environment, temporaryDirectory } from './fake-program.js';

it('fails at once, in one line, where there is no internet', async () => {
  const workDirectory = await temporaryDirectory();
  const startedAt = Date.now();
  const download = downloadTemporal({ env: environment(), workDirectory });
  await expect(download).rejects.toThrow(/^Failed to start ephemeral server: failed to download .*[^\n]$/);
  expect(Date.now() - startedAt).toBeLessThan(30_000);
  expect(await readdir(workDirectory)).toEqual([]);
});

it('hands over what the SDK has downloaded', async () => {
  const workDirectory = await temporaryDirectory();
  const downloaded = join(workDirectory, 'temporal-v1.8.2');
  await symlink((await temporalBinary()).path, downloaded);
  expect(await downloadTemporal({ env: environment(), workDirectory })).toBe(downloaded);
});

it('stops when it is told to', async () => {
  const workDirectory = await temporaryDirectory();
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(downloadTemporal({ env: environment(), workDirectory, signal })).rejects.toThrow('enough');
});
