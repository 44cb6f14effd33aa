import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { S3StoreConfig } from '../../../src/domain/store-config.js';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store, StoreErrorReason } from '../../../src/stores/store.js';
import { startS3, type TestS3 } from '../../helpers/s3-server.js';
import { loadOf, mergeOf, publicationOf, replaceOf, SECOND, SKU, THIRD } from '../loads.js';
import { endOf, startLoad } from './killable-load.js';
import { startS3Proxy, type Fate, type S3Proxy } from './s3-proxy.js';

describe('the store s3, beyond the contract,', () => {
  let server: TestS3;
  let proxy: S3Proxy;
  let temporary: string;
  let direct: Store;
  /** The same tables, by way of the proxy. */
  let store: Store;
  let tables = 0;
  const newTable = (): string => `t${(tables += 1)}`;
  const configOf = (more: Partial<S3StoreConfig> = {}): S3StoreConfig => {
    const { bucket, endpoint, accessKeyId, secretAccessKey } = server;
    return { kind: 's3', bucket, prefix: '', endpoint, format: 'jsonl', accessKeyId, secretAccessKey, ...more };
  };
  const open = (more: Partial<S3StoreConfig> = {}): Store => openStores({ lake: configOf(more) }).get('lake');

  beforeAll(async () => {
    server = await startS3();
    proxy = await startS3Proxy(server.endpoint);
    temporary = await mkdtemp(join(tmpdir(), 'titanflow-s3-only-'));
    direct = open();
    store = open({ endpoint: proxy.endpoint });
  });
  afterEach(() => {
    proxy.decide = () => 'pass';
  });
  afterAll(async () => {
    await Promise.all([direct.close(), store.close()]);
    await proxy.stop();
    await server.stop();
    await rm(temporary, { recursive: true, force: true });
  });

  const keysOf = async (table: string): Promise<readonly string[]> => {
    const listing = { Bucket: server.bucket, Prefix: `${table}/` };
    const { Contents = [] } = await server.client.send(new ListObjectsV2Command(listing));
    return Contents.map(({ Key = '' }) => Key.slice(table.length + 1)).toSorted();
  };
  const textOf = async (key: string): Promise<string> => {
    const { Body } = await server.client.send(new GetObjectCommand({ Bucket: server.bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  };
  const filesOf = async (table: string): Promise<readonly { readonly name: string; readonly rows: number }[]> =>
    (JSON.parse(await textOf(`${table}/_manifest.json`)) as { files: { name: string; rows: number }[] }).files;
  const uploadsOf = async (table: string): Promise<number> => {
    const listing = { Bucket: server.bucket, Prefix: `${table}/` };
    return (await server.client.send(new ListMultipartUploadsCommand(listing))).Uploads?.length ?? 0;
  };
  const isManifest = (url: string): boolean => url.includes('_manifest.json');

  describe('where another worker was faster', () => {
    it.each(['append', 'merge'] as const)('does its work again, and loses nothing (%s)', async (mode) => {
      const table = newTable();
      const kind = { table, mode, ...(mode === 'merge' ? { key: ['sku'] } : {}) };
      let races = 3;
      proxy.decide = async (method, url): Promise<Fate> => {
        if (method === 'PUT' && isManifest(url) && races > 0) {
          races -= 1;
          await direct.publish(loadOf({ ...kind, run: `fast-${races}`, at: SECOND, cells: [[`"${races}"`, '1']] }));
        }
        return 'pass';
      };
      const receipt = await store.publish(loadOf({ ...kind, run: 'slow', cells: [['"slow"', '1']] }));
      expect(receipt).toMatchObject({ inserted: 1 });
      const files = await filesOf(table);
      expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
      const texts = await Promise.all(files.map(({ name }) => textOf(`${table}/${name}`)));
      expect(
        texts
          .join('')
          .match(/"sku":"\w+"/g)
          ?.toSorted(),
      ).toEqual(['0', '1', '2', 'slow'].map((sku) => `"sku":"${sku}"`));
    });

    it('gives up after a while, and says so', async () => {
      const table = newTable();
      proxy.decide = (method, url) =>
        method === 'PUT' && isManifest(url) ? { status: 412, code: 'PreconditionFailed' } : 'pass';
      await expect(store.publish(loadOf({ table, cells: [['"x"', '1']] }))).rejects.toMatchObject({
        reason: 'unavailable',
        message: expect.stringMatching(/others changed it 20 times/),
      });
    });
  });

  it('finds its own receipt where the answer to the last write was lost', async () => {
    const table = newTable();
    let lost = 0;
    proxy.decide = (method, url) => {
      const isFirst = method === 'PUT' && isManifest(url) && lost === 0;
      lost += isFirst ? 1 : 0;
      return isFirst ? 'lose the reply' : 'pass';
    };
    const load = { table, cells: [['"x"', '1']] };
    const receipt = await store.publish(loadOf(load));
    expect([lost, receipt.inserted]).toEqual([1, 1]);
    expect(await direct.publish(loadOf(load))).toEqual(receipt);
    expect(await filesOf(table)).toEqual([expect.objectContaining({ name: 'run-1.jsonl', rows: 1 })]);
  });

  describe('after kill -9', () => {
    const wide = { rows: 3_000, width: 8_000 };

    it('in the middle of an upload goes on, aborts what was left, and clears the disk', async () => {
      const table = newTable();
      const config = configOf({ endpoint: proxy.endpoint });
      const child = startLoad(config, { table, run: 'run-1', ...wide }, temporary);
      proxy.decide = (_, url) => {
        if (url.includes('partNumber=3')) {
          child.kill('SIGKILL');
          return 'lose';
        }
        return 'pass';
      };
      expect(await endOf(child)).toEqual({ code: null, said: '' });
      expect([await uploadsOf(table), await keysOf(table)]).toEqual([1, []]);
      expect(await readdir(temporary)).toHaveLength(1);
      proxy.decide = () => 'pass';
      const again = await endOf(startLoad(config, { table, run: 'run-1', ...wide }, temporary));
      expect(JSON.parse(again.said)).toMatchObject({ inserted: 3_000 });
      expect([await uploadsOf(table), await keysOf(table)]).toEqual([0, ['_manifest.json', 'run-1.jsonl']]);
      expect((await textOf(`${table}/run-1.jsonl`)).split('\n')).toHaveLength(3_001);
      expect(await readdir(temporary)).toEqual([]);
    });

    it('right before the manifest uses the file that is there, or leaves it where it has other bytes', async () => {
      const [same, other] = [newTable(), newTable()];
      for (const table of [same, other]) {
        const child = startLoad(
          configOf({ endpoint: proxy.endpoint }),
          { table, run: 'run-1', rows: 1, width: 4 },
          temporary,
        );
        proxy.decide = (method, url) => {
          if (method === 'PUT' && isManifest(url)) {
            child.kill('SIGKILL');
            return 'lose';
          }
          return 'pass';
        };
        await endOf(child);
        expect(await keysOf(table)).toEqual(['run-1.jsonl']);
      }
      await direct.publish(loadOf({ table: same, columns: [SKU], cells: [['"0xxx"']] }));
      expect(await filesOf(same)).toEqual([expect.objectContaining({ name: 'run-1.jsonl' })]);
      await direct.publish(loadOf({ table: other, columns: [SKU], cells: [['"another"']] }));
      const [file] = await filesOf(other);
      expect(file?.name).toMatch(/^run-1~[\da-f]{16}\.jsonl$/);
      expect(await textOf(`${other}/${file?.name}`)).toMatch(/^{"sku":"another"/);
      await direct.publish(replaceOf({ table: other, run: 'run-2', columns: [SKU], cells: [['"next"']] }));
      expect(await keysOf(other)).toEqual(['_manifest.json', file?.name, 'run-2.jsonl']);
    });
  });

  it('aborts uploads that were left for its own key, and lets others be', async () => {
    const table = newTable();
    for (const name of ['run-1.jsonl', 'run-2.jsonl']) {
      const object = { Bucket: server.bucket, Key: `${table}/${name}` };
      await server.client.send(new CreateMultipartUploadCommand(object));
    }
    await direct.publish(loadOf({ table, cells: [['"x"', '1']] }));
    expect(await uploadsOf(table)).toBe(1);
  });

  it('stops an upload that is aborted, and leaves nothing of it', async () => {
    const table = newTable();
    const abort = new AbortController();
    proxy.decide = (_, url) => {
      if (url.includes('partNumber=2')) {
        abort.abort(new Error('the run was cancelled'));
      }
      return 'pass';
    };
    const cells = Array.from({ length: 3_000 }, (_, row) => [`"${String(row).padEnd(8_000, 'x')}"`, '1']);
    await expect(store.publish(loadOf({ table, cells, signal: abort.signal }))).rejects.toThrow('was cancelled');
    await expect.poll(() => uploadsOf(table)).toBe(0);
    expect(await keysOf(table)).toEqual([]);
  });

  it('removes what was superseded one publication later', async () => {
    const table = newTable();
    await direct.publish(mergeOf({ table, run: 'a', cells: [['"x"', '1']] }));
    await direct.publish(mergeOf({ table, run: 'b', at: SECOND, cells: [['"x"', '2']] }));
    expect(await keysOf(table)).toEqual(['_manifest.json', 'a.jsonl', 'b.jsonl']);
    await direct.publish(mergeOf({ table, run: 'c', at: THIRD, cells: [['"x"', '3']] }));
    expect(await keysOf(table)).toEqual(['_manifest.json', 'b.jsonl', 'c.jsonl']);
  });

  it('removes with the next publication what it could not remove with this one', async () => {
    const table = newTable();
    await direct.publish(mergeOf({ table, run: 'a', cells: [['"x"', '1']] }));
    await direct.publish(mergeOf({ table, run: 'b', at: SECOND, cells: [['"x"', '2']] }));
    proxy.decide = (_, url) => (url.includes('delete') ? { status: 403, code: 'AccessDenied' } : 'pass');
    expect(await store.publish(mergeOf({ table, run: 'c', at: THIRD, cells: [['"x"', '3']] }))).toMatchObject({
      updated: 1,
    });
    expect(await keysOf(table)).toEqual(['_manifest.json', 'a.jsonl', 'b.jsonl', 'c.jsonl']);
    await direct.publish(loadOf({ table, run: 'd', cells: [['"y"', '3']] }));
    expect(await keysOf(table)).toEqual(['_manifest.json', 'c.jsonl', 'd.jsonl']);
  });

  it('says which object is gone, or is not what the manifest says', async () => {
    const table = newTable();
    await direct.publish(mergeOf({ table, run: 'a', cells: [['"x"', '1']] }));
    const object = { Bucket: server.bucket, Key: `${table}/a.jsonl` };
    const told = (message: RegExp) => ({ reason: 'rejected', message: expect.stringMatching(message) });
    const next = (): Promise<unknown> => direct.publish(mergeOf({ table, run: 'b', cells: [['"x"', '2']] }));
    await server.client.send(new PutObjectCommand({ ...object, Body: 'something else' }));
    await expect(next()).rejects.toMatchObject(told(/s3:\/\/.*\/a\.jsonl has other bytes than the manifest says/));
    await server.client.send(new DeleteObjectCommand(object));
    await expect(next()).rejects.toMatchObject(told(/s3:\/\/.*\/a\.jsonl is gone, but the manifest lists it/));
  });

  describe('fails in one line that names store, bucket and cure, and shows no key:', () => {
    const expectFailure = async (
      config: Partial<S3StoreConfig>,
      reason: StoreErrorReason,
      says: RegExp,
    ): Promise<void> => {
      const broken = open(config);
      const refusals = await Promise.all([
        broken.check(publicationOf({ table: 't' }), 'me', [SKU]).catch((error: unknown) => error),
        broken.publish(loadOf({ table: 't', cells: [['"x"', '1']] })).catch((error: unknown) => error),
      ]);
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ name: 'StoreError', reason, message: expect.stringMatching(says) });
        expect(String(refusal)).toMatch(/^StoreError: Store "lake", s3:\/\/[^\n]+$/);
        const everything = inspect(refusal, { depth: 9, showHidden: true });
        expect(everything).not.toContain(server.accessKeyId);
        expect(everything).not.toContain(config.secretAccessKey ?? server.secretAccessKey);
      }
      await broken.close();
    };

    it('no bucket', () => expectFailure({ bucket: 'not-there' }, 'setup', /no such bucket; create it/));
    it('a wrong secret', () =>
      expectFailure({ secretAccessKey: 'canary-secret' }, 'setup', /does not accept the keys; check/));
    it('no server', () =>
      expectFailure({ endpoint: 'http://127.0.0.1:1' }, 'unavailable', /does not answer; check endpoint and network/));
    it('no host of that name', () =>
      expectFailure({ endpoint: 'http://s3.invalid' }, 'unavailable', /does not answer; check endpoint and network/));

    it.each([
      [{ status: 403, code: 'AccessDenied' }, 'setup', /these keys may not do that; let them read, write/],
      [{ status: 503, code: 'SlowDown' }, 'unavailable', /asks for fewer requests \(SlowDown\)/],
      [{ status: 500, code: 'InternalError' }, 'unavailable', /InternalError/],
      [{ status: 400, code: 'ExpiredToken' }, 'unavailable', /expired; renew them/],
      ['lose', 'unavailable', /./],
    ] as const)('the server answers with %j', async (fate, reason, says) => {
      proxy.decide = () => fate;
      await expectFailure({ endpoint: proxy.endpoint }, reason, says);
    });

    it('a server that takes no notice of conditions', async () => {
      proxy.decide = (method) => (method === 'PUT' ? { status: 200, code: '' } : 'pass');
      await expectFailure({ endpoint: proxy.endpoint }, 'rejected', /takes no notice of If-None-Match/);
    });

    it('keys that may not delete', async () => {
      proxy.decide = (method) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : 'pass');
      await expectFailure({ endpoint: proxy.endpoint }, 'setup', /let them read, write, list and delete there/);
    });

    it('no region', async () => {
      const { bucket, accessKeyId, secretAccessKey } = server;
      const lake = { kind: 's3', bucket, prefix: '', format: 'jsonl', accessKeyId, secretAccessKey } as const;
      const broken = openStores({ lake }).get('lake');
      await expect(broken.lastRows('t', 'r')).rejects.toMatchObject({
        reason: 'setup',
        message: `Store "lake", s3://${bucket}: no region is set; set region, or AWS_REGION.`,
      });
      await broken.close();
    });

    it('one key without the other', () => {
      expect(() =>
        openStores({ lake: { kind: 's3', bucket: 'b', prefix: '', format: 'jsonl', accessKeyId: 'a' } }).get('lake'),
      ).toThrow('Store "lake", s3://b: set both accessKeyId and secretAccessKey, or none.');
    });
  });

  it('takes its keys from the environment where it is given none', async () => {
    const before = { ...process.env };
    Object.assign(process.env, server.environment);
    const { bucket, endpoint } = server;
    const keyless = openStores({ lake: { kind: 's3', bucket, prefix: 'env', endpoint, format: 'jsonl' } }).get('lake');
    expect(await keyless.publish(loadOf({ table: 't', cells: [['"x"', '1']] }))).toMatchObject({ inserted: 1 });
    await keyless.close();
    process.env = before;
  });
});
