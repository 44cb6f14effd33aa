import { writeFileSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { findTemporal } from '../../../src/dev/temporal/find-temporal.js';
import { NoTemporalServer } from '../../../src/dev/temporal/no-temporal-server.js';
import { cachedTemporal } from '../../../src/dev/temporal/temporal-cache.js';
import { environment, fakeProgram, GOOD_VERSION, temporaryDirectory } from './fake-program.js';

/** A `go` that talks like the real one, waits until its progress was told, and writes a `temporal` where `-o` says. */
const FAKE_GO = `
while [ "$1" != -o ]; do shift; done
echo 'go: downloading github.com/temporalio/cli v1.8.2' >&2
echo internal/goarch >&2
echo github.com/temporalio/cli/cmd/temporal >&2
until [ -e "\${0%/*}/told" ]; do /bin/sleep 0.02; done
printf '#!/bin/sh\\necho "${GOOD_VERSION}"\\n' > "$2"
/bin/chmod 755 "$2"`;

/** What findTemporal finds on a machine with these programs. */
async function machine(programs: Readonly<Record<string, string>> = {}) {
  const directory = await temporaryDirectory();
  const programDirectory = join(directory, 'programs');
  await mkdir(programDirectory);
  for (const [name, script] of Object.entries(programs)) await fakeProgram(programDirectory, name, script);
  const lines: string[] = [];
  const options = {
    env: environment(programDirectory),
    cacheDirectory: join(directory, 'cache'),
    toolModule: directory,
    say: (line: string) => {
      lines.push(line);
      if (line.endsWith('2 packages compiled')) writeFileSync(join(programDirectory, 'told'), '');
    },
    sayEveryMs: 20,
  };
  return { options, lines, programDirectory };
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    () => expect.fail('it should have failed'),
    (error: Error) => error,
  );
}

describe('findTemporal', () => {
  it('takes the CLI on PATH first', async () => {
    const { options, programDirectory } = await machine({ temporal: `echo '${GOOD_VERSION}'` });
    await mkdir(options.cacheDirectory);
    await fakeProgram(options.cacheDirectory, 'temporal-1.8.2', `echo '${GOOD_VERSION}'`);
    const path = join(programDirectory, 'temporal');
    expect(await findTemporal(options)).toEqual({ path, source: 'PATH', version: GOOD_VERSION });
  });

  it('takes the CLI in the cache when there is none on PATH', async () => {
    const { options, lines } = await machine();
    await mkdir(options.cacheDirectory);
    const path = await fakeProgram(options.cacheDirectory, 'temporal-1.8.2', `echo '${GOOD_VERSION}'`);
    expect(await findTemporal(options)).toEqual({ path, source: 'cache', version: GOOD_VERSION });
    expect(lines).toEqual([]);
  });

  it.each([
    ['does not run', 'echo cannot execute >&2; exit 126', /temporal on PATH: \S+ does not run: .*cannot execute/],
    ['is something else', 'echo temporal 3', /temporal on PATH: \S+ is not the Temporal CLI: "temporal 3"/],
    [
      'is too old',
      'echo "temporal version 1.1.0 (Server 1.25.0, UI 2.30.3)"',
      /is too old: .* 1\.29 or newer is needed/,
    ],
  ])('passes over a program on PATH that %s', async (_, script, reason) => {
    const { options } = await machine({ temporal: script });
    const { message } = await failure(findTemporal(options));
    expect(message).toMatch(reason);
  });

  it('builds the CLI with Go, says how far it is, and finds it in the cache from then on', async () => {
    const { options, lines } = await machine({ go: FAKE_GO });
    const path = cachedTemporal(options.cacheDirectory);
    expect(await findTemporal(options)).toEqual({ path, source: 'build', version: GOOD_VERSION });
    expect(lines.at(-1)).toMatch(
      /^building Temporal CLI 1\.8\.2 with go \(once, about 5 minutes\) \.\.\. \d+ s, 1 modules downloaded, 2 packages compiled$/,
    );
    expect(await readdir(options.cacheDirectory)).toEqual(['temporal-1.8.2']);
    expect(await findTemporal(options)).toMatchObject({ path, source: 'cache' });
  });

  it('may build in two processes at once', async () => {
    const { options } = await machine({ go: FAKE_GO });
    const found = await Promise.all([findTemporal(options), findTemporal(options)]);
    expect(found.map(({ source }) => source)).toEqual(['build', 'build']);
    expect(await readdir(options.cacheDirectory)).toEqual(['temporal-1.8.2']);
  });

  it('stops a build when it is told to and leaves nothing of it', async () => {
    const { options } = await machine({ go: 'echo internal/goarch >&2; /bin/sleep 60' });
    const controller = new AbortController();
    const say = (line: string): void => {
      if (line.includes('1 packages compiled')) controller.abort(new Error('enough'));
    };
    await expect(findTemporal({ ...options, say, signal: controller.signal })).rejects.toThrow('enough');
    expect(await readdir(options.cacheDirectory)).toEqual([]);
  });

  it('keeps a program out of the cache that was built but does not run', async () => {
    const { options } = await machine({ go: FAKE_GO.replace(GOOD_VERSION, 'segmentation fault') });
    const { message } = await failure(findTemporal(options));
    expect(message).toMatch(/build: .* is not the Temporal CLI: "segmentation fault"/);
    expect(await readdir(options.cacheDirectory)).toEqual([]);
  });

  it('removes what a killed build has left a day ago, and not what another one is making', async () => {
    const { options } = await machine({ go: FAKE_GO });
    await mkdir(join(options.cacheDirectory, 'making-old'), { recursive: true });
    await mkdir(join(options.cacheDirectory, 'making-new'));
    const longAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    await utimes(join(options.cacheDirectory, 'making-old'), longAgo, longAgo);
    await findTemporal(options);
    expect(await readdir(options.cacheDirectory)).toEqual(['making-new', 'temporal-1.8.2']);
  });

  it('says in one list what was tried, why it failed, and what helps', async () => {
    const { options } = await machine();
    const error = await failure(findTemporal(options));
    expect(error).toBeInstanceOf(NoTemporalServer);
    expect(error.message).toMatch(/^ {2}- temporal on PATH: there is none$/m);
    expect(error.message).toMatch(/^ {2}- cache: there is no \S+temporal-1\.8\.2$/m);
    expect(error.message).toMatch(/^ {2}- download: .*(connect|proxy|refused).*$/im);
    expect(error.message).toMatch(/^ {2}- build: Go is not installed: no `go` on PATH$/m);
    for (const cure of ['TEMPORAL_ADDRESS', 'install the Temporal CLI', 'install Go', 'docker run']) {
      expect(error.message).toContain(cure);
    }
  });

  it.each([
    [
      'go: go.mod requires go >= 1.26.8 (running go 1.22.1; GOTOOLCHAIN=local)',
      /build: this Go is too old: .*1\.26\.8/,
    ],
    ["go: errors parsing go.mod: invalid go version '1.26.8': must match format 1.23", /build: this Go is too old/],
    ['go: github.com/temporalio/cli@v1.8.2: no such host', /build: go build failed: go: .*no such host/],
  ])('passes on what Go says: %s', async (line, reason) => {
    const { options } = await machine({ go: `echo "${line}" >&2; exit 1` });
    const { message } = await failure(findTemporal(options));
    expect(message).toMatch(reason);
  });

  it('says so when the cache cannot be written', async () => {
    const { options } = await machine({ go: FAKE_GO });
    await writeFile(options.cacheDirectory, 'a file where the folder should be');
    const { message } = await failure(findTemporal(options));
    expect(message).toMatch(/download: the cache folder \S+ cannot be written: /);
    expect(message).toMatch(/build: the cache folder \S+ cannot be written: /);
  });
});
