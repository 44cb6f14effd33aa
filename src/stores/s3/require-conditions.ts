import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { StoreError } from '../store.js';
import type { Bucket } from './bucket.js';
import { isLost, isMissing } from './s3-failure.js';

/**
 * A server that takes no notice of a condition would let two loads overwrite each other. So it is tried out, once in a
 * process, on an object of ours: `_titanflow.json` under the prefix. That also tells whether the bucket is there, and
 * what the keys may do.
 *
 * @returns throws a StoreError where the store cannot be used
 */
export function createConditionsCheck(bucket: Bucket): (signal?: AbortSignal) => Promise<void> {
  let isGood = false;
  return async (signal) => {
    if (!isGood) {
      await tryConditions(bucket, signal);
      isGood = true;
    }
  };
}

async function tryConditions(bucket: Bucket, signal: AbortSignal | undefined): Promise<void> {
  const put = (condition: object): Promise<boolean> =>
    bucket.use(signal, async (client) => {
      const object = { Bucket: bucket.name, Key: bucket.keyOf('_titanflow.json'), Body: '{"layout":1}\n' };
      try {
        await client.send(new PutObjectCommand({ ...object, ...condition }));
        return true;
      } catch (error) {
        if (isLost(error) || isMissing(error)) {
          return false;
        }
        throw error;
      }
    });
  const wasNew = await put({ IfNoneMatch: '*' });
  const ignoresAbsence = wasNew && (await put({ IfNoneMatch: '*' }));
  if (ignoresAbsence || (await put({ IfMatch: '"00000000000000000000000000000000"' }))) {
    const told = `${bucket.where}: the server takes no notice of If-None-Match or If-Match, so two loads could overwrite each other; use one that has conditional writes.`;
    throw new StoreError('rejected', told);
  }
  // What is superseded must go: better to learn now that it may not.
  const nothing = { Bucket: bucket.name, Key: bucket.keyOf('_titanflow.none') };
  await bucket.use(signal, (client) => client.send(new DeleteObjectCommand(nothing)));
}
