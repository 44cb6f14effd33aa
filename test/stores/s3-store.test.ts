import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { openStores } from '../../src/stores/open-stores.js';
import { startS3 } from '../helpers/s3-server.js';
import { testStore } from './contract.js';
import { readPublished, readPublishedRejects } from './layout/read-published.js';

describeFormat('jsonl');
describeFormat('parquet');

function describeFormat(format: 'jsonl' | 'parquet'): void {
  testStore(`s3, as ${format}`, async () => {
    const server = await startS3();
    const { endpoint, bucket, accessKeyId, secretAccessKey, client } = server;
    const config = { kind: 's3', bucket, prefix: 'a/lake', endpoint, format, accessKeyId, secretAccessKey } as const;
    const filesOf = (table: string) => async (name: string) => {
      const object = { Bucket: bucket, Key: `a/lake/${table}/${name}` };
      const got = await client.send(new GetObjectCommand(object)).catch(() => undefined);
      const bytes = await got?.Body?.transformToByteArray();
      return bytes === undefined ? undefined : Buffer.from(bytes);
    };
    return {
      open: () => openStores({ here: config }).get('here'),
      readTable: (table) => readPublished(filesOf(table)),
      readRejects: (table, run) => readPublishedRejects(filesOf(table), run),
      number: (raw) => (format === 'parquet' ? String(Number(raw)) : raw),
      async dropTable(table) {
        const listing = { Bucket: bucket, Prefix: `a/lake/${table}/` };
        const { Contents = [] } = await client.send(new ListObjectsV2Command(listing));
        await Promise.all(Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))));
      },
      stop: () => server.stop(),
    };
  });
}
