import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DeleteObjectsCommand, GetObjectCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3StoreConfig } from '../../domain/store-config.js';
import { givingWay, NO_WAITS, type Waits } from '../../domain/waits.js';
import { MANIFEST } from '../layout/file-names.js';
import { saveStream } from '../layout/local-file.js';
import type { ListedFile } from '../layout/manifest.js';
import type { Place, SeenManifest, TablePlace } from '../layout/place.js';
import { requireTemporaryFolder, withTemporaryFolder } from '../layout/temporary-folder.js';
import { StoreError } from '../store.js';
import { openBucket, type Bucket, type OpenAgents } from './bucket.js';
import { createConditionsCheck } from './require-conditions.js';
import { isLost, isMissing } from './s3-failure.js';
import { createTurns } from './turns.js';
import { uploadFile } from './upload-file.js';

/**
 * Tables in a bucket, under `<prefix>/<table>/`. Loads of one process take turns; those of several meet in the manifest,
 * which each of them writes only if it still is the one that it has read. A load's own files are on this machine, in
 * the system's temporary folder.
 */
export function openBucketPlace(store: string, config: S3StoreConfig, openAgents?: OpenAgents): Place {
  const bucket = openBucket(store, config, openAgents);
  const requireConditions = createConditionsCheck(bucket);
  const turns = createTurns();
  return {
    async requireUsable() {
      await requireTemporaryFolder();
      await requireConditions();
    },
    table: (table, waits = NO_WAITS) => ({
      ...openTablePrefix(patient(bucket, waits), table),
      inTurn: (signal, work) =>
        turns.take(
          { table, signal, waits, waitingFor: `the load before it, ${bucket.where}, table ${table}` },
          async () => {
            await requireConditions(signal);
            return withTemporaryFolder(work);
          },
        ),
    }),
    tables: () => listTables(bucket),
    close: () => bucket.close(),
  };
}

/** While the server lets a load wait for long, others have its place. */
function patient(bucket: Bucket, waits: Waits): Bucket {
  const waitingFor = (): string => `${bucket.where} to answer`;
  return {
    ...bucket,
    use: (signal, work) => givingWay(waits, waitingFor, () => bucket.use(signal, work), LONG_MS),
  };
}

/** A part of an upload takes some seconds, and is in memory meanwhile. */
const LONG_MS = 10_000;

function openTablePrefix(bucket: Bucket, table: string): Omit<TablePlace, 'inTurn'> {
  const at = (name: string): { readonly Bucket: string; readonly Key: string } => ({
    Bucket: bucket.name,
    Key: bucket.keyOf(`${table}/${name}`),
  });
  return {
    readManifest: (signal) => readManifest(bucket, at(MANIFEST), signal),
    swapManifest: (text, seen, signal) =>
      bucket.use(signal, async (client) => {
        const condition = seen === undefined ? { IfNoneMatch: '*' } : { IfMatch: seen.version };
        const manifest = { ...at(MANIFEST), Body: text, ContentType: 'application/json', ...condition };
        try {
          await client.send(new PutObjectCommand(manifest), { abortSignal: signal });
          return true;
        } catch (error) {
          if (isLost(error) || isMissing(error)) {
            return false;
          }
          throw error;
        }
      }),
    fetch: (file, work, signal) => fetchFile(bucket, at(file.name), file, work, signal),
    put: (file, name, signal) => uploadFile(bucket, at(name), file, signal),
    async remove(names) {
      for (let start = 0; start < names.length; start += MOST_DELETES) {
        const objects = names.slice(start, start + MOST_DELETES).map((name) => ({ Key: at(name).Key }));
        await removeObjects(bucket, objects);
      }
    },
  };
}

const MOST_DELETES = 1_000;

async function readManifest(
  bucket: Bucket,
  address: { readonly Bucket: string; readonly Key: string },
  signal: AbortSignal | undefined,
): Promise<SeenManifest | undefined> {
  return bucket.use(signal, async (client) => {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand(address), optional(signal));
      const text = await Body?.transformToString('utf8');
      return text === undefined || ETag === undefined ? undefined : { text, version: ETag };
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  });
}

/** Brings a file here, and makes sure that it is what the manifest says. */
async function fetchFile(
  bucket: Bucket,
  address: { readonly Bucket: string; readonly Key: string },
  file: ListedFile,
  work: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = join(work, `fetched-${file.sha256.slice(0, 16)}`);
  const where = `s3://${address.Bucket}/${address.Key}`;
  const saved = await bucket.use(signal, async (client) => {
    try {
      const { Body } = await client.send(new GetObjectCommand(address), optional(signal));
      return Body instanceof Readable ? await saveStream(Body, path, signal) : undefined;
    } catch (error) {
      if (isMissing(error)) {
        const told = `${where} is gone, but the manifest lists it: put it back, or remove the table's objects.`;
        throw new StoreError('rejected', told);
      }
      throw error;
    }
  });
  if (saved?.sha256 !== file.sha256) {
    const told = `${where} has other bytes than the manifest says: put it back, or remove the table's objects.`;
    throw new StoreError('rejected', told);
  }
  return path;
}

async function removeObjects(bucket: Bucket, objects: { Key: string }[]): Promise<void> {
  const { Errors = [] } = await bucket.use(undefined, (client) =>
    client.send(new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects: objects, Quiet: true } })),
  );
  const [failed] = Errors;
  if (failed !== undefined) {
    const told = `${bucket.where}: ${failed.Key} cannot be deleted: ${failed.Message} (${failed.Code}); let the keys delete objects.`;
    throw new StoreError('unavailable', told);
  }
}

async function listTables(bucket: Bucket): Promise<readonly string[]> {
  const prefix = bucket.keyOf('');
  return bucket.use(undefined, async (client) => {
    const tables: string[] = [];
    const listing = { Bucket: bucket.name, Prefix: prefix, Delimiter: '/' };
    for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client }, listing)) {
      tables.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)));
    }
    return tables;
  });
}

function optional(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
