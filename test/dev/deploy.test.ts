import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';

import { parseStores } from '../../src/pipeline-file/read-stores-file.js';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { temporaryDirectory } from './temporal/fake-program.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  readonly image?: string;
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

describe('docker-compose.yml', () => {
  const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
    services: Record<string, Service>;
  };

  it('pins every image, and the same version for all that shares the schema', () => {
    const images = Object.values(services).flatMap(({ image }) => image ?? []);
    expect(images.filter((image) => !/:\d[\w.-]*$/.test(image))).toEqual([]);
    const versions = images.filter((image) => /(server|admin-tools):/.test(image)).map((image) => image.split(':')[1]);
    expect(new Set(versions).size).toBe(1);
  });

  it('mounts only files that are here', () => {
    const mounted = Object.values(services)
      .flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
      .filter((path) => path.startsWith('.'));
    expect(mounted).toContain('./deploy/stores.yaml');
    expect(mounted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('refuses to start without a token, and gives the worker what its stores file names', () => {
    const { TITAN_TOKEN, ...environment } = services['worker']?.environment ?? {};
    expect(TITAN_TOKEN).toMatch(/^\$\{TITAN_TOKEN:\?.+\}$/);
    const path = join(ROOT, 'deploy/stores.yaml');
    expect(parseStores(readFileSync(path, 'utf8'), path, environment, dirname(path))).toEqual({
      stores: { warehouse: { kind: 'postgres', url: environment['DATABASE_URL'] } },
    });
  });
});

describe('deploy/temporal/namespace.sh', () => {
  it('makes the namespace with our search attributes, and does no harm the second time', async () => {
    const programs = await temporaryDirectory();
    await symlink((await temporalBinary()).path, join(programs, 'temporal'));
    const namespace = `deploy-${randomUUID()}`;
    const env = {
      ...process.env,
      PATH: [programs, process.env['PATH']].join(delimiter),
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TEMPORAL_NAMESPACE: namespace,
    };
    const script = join(ROOT, 'deploy/temporal/namespace.sh');
    await promisify(execFile)('sh', [script], { env });
    await promisify(execFile)('sh', [script], { env });

    const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    await connection.close();
    const ours = Object.values(searchAttributes).map(({ name, type }) => [
      name,
      encodeSearchAttributeIndexedValueType(type),
    ]);
    expect(customAttributes).toMatchObject(Object.fromEntries(ours));
  });
});
