import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/activities/failures.js';
import { markdownTable } from '../../src/domain/markdown-table.js';
import { STORE_FACTS, type StoreMeaning } from '../../src/domain/store-facts.js';
import { duckdbFailure } from '../../src/stores/duckdb/duckdb-failure.js';
import { fileFailure } from '../../src/stores/layout/file-failure.js';
import { postgresFailure } from '../../src/stores/postgres/postgres-failure.js';
import { s3Failure } from '../../src/stores/s3/s3-failure.js';

type Said = readonly [code: string, words?: string, status?: number];

const postgres = ([code, words = 'no']: Said): unknown =>
  postgresFailure('db:5432/x', Object.assign(new Error(words), code === '' ? {} : { code }));
const s3 = ([name, words = 'no', httpStatusCode]: Said): unknown =>
  s3Failure('bucket b', Object.assign(new Error(words), { name, $metadata: { httpStatusCode } }));
const duckdb = ([, words = '']: Said): unknown => duckdbFailure('DuckDB at x', new Error(words));
const files = ([code]: Said): unknown =>
  fileFailure(Object.assign(new Error('no'), { code, syscall: 'open', path: '/x' }));
const STORES = { postgres, s3, duckdb, files };

const SAID: Readonly<Record<keyof typeof STORES, Readonly<Record<StoreMeaning, readonly Said[]>>>> = {
  postgres: {
    passing: [
      ['0A000', 'cannot set transaction read-write mode during recovery'],
      ['25006', 'cannot execute INSERT in a read-only transaction'],
      ['08006'],
      ['08P01', 'server login has been failing, try again later (server_login_retry)'],
      ['08P01', 'query_wait_timeout'],
      ['40001'],
      ['40P01'],
      ['53100', 'could not extend file: No space left on device'],
      ['53200'],
      ['53300', 'sorry, too many clients already'],
      ['53400'],
      ['55006'],
      ['55P03'],
      ['57014'],
      ['57P01'],
      ['57P02'],
      ['57P03', 'the database system is starting up'],
      ['57P05'],
      ['25P03'],
      ['58030'],
      ['XX000'],
      ['ECONNREFUSED'],
      ['ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'],
      ['ENOTFOUND'],
      ['EAI_AGAIN'],
      ['EHOSTUNREACH'],
      ['ETIMEDOUT'],
      ['EPIPE'],
      ['ENOENT', 'connect ENOENT /var/run/postgresql/.s.PGSQL.5432'],
      ['', 'Connection terminated due to connection timeout'],
      ['', 'Connection terminated unexpectedly'],
    ],
    setup: [
      ['28P01', 'password authentication failed for user "u"'],
      ['28000', 'no pg_hba.conf entry'],
      ['42501', 'permission denied for table prices'],
      ['3D000', 'database "x" does not exist'],
      ['57P04'],
      ['3F000'],
      ['42P01'],
      ['42703'],
      ['55000', 'cannot delete from table "t" because it does not have a replica identity'],
      ['XX001'],
      ['XX000', 'Tenant or user not found'],
      ['XX000', 'The endpoint has been disabled. Enable it using Neon API and retry.'],
      ['08P01', 'no such user: u'],
      ['08P01', 'unsupported startup parameter: options'],
      ['EACCES'],
      ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
      ['CERT_HAS_EXPIRED'],
      ['UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['ERR_TLS_CERT_ALTNAME_INVALID'],
      ['EPROTO'],
      ['', 'The server does not support SSL connections'],
      ['', 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string'],
    ],
    final: [
      ['22P02'],
      ['22003'],
      ['22021'],
      ['23505'],
      ['23514'],
      ['40002'],
      ['42601'],
      ['42804'],
      ['54000'],
      ['0A000'],
      ['P0001'],
      ['428C9'],
    ],
  },
  s3: {
    passing: [
      ['ExpiredToken', 'no', 400],
      ['RequestTimeTooSkewed', 'no', 403],
      ['QuotaExceeded', 'no', 403],
      ['XMinioStorageFull', 'no', 507],
      ['SlowDown', 'no', 503],
      ['Unknown', 'no', 429],
      ['InternalError', 'no', 500],
      ['ServiceUnavailable', 'no', 503],
      ['BadGateway', 'no', 502],
      ['OperationAborted', 'no', 409],
      ['PreconditionFailed', 'no', 412],
      ['NoSuchUpload', 'no', 404],
      ['RequestTimeout', 'no', 408],
      ['TimeoutError'],
      ['ECONNREFUSED'],
      ['Error', 'socket hang up'],
    ],
    setup: [
      ['AccessDenied', 'no', 403],
      ['Forbidden', 'no', 403],
      ['InvalidAccessKeyId', 'no', 403],
      ['SignatureDoesNotMatch', 'no', 403],
      ['CredentialsProviderError'],
      ['NoSuchBucket', 'no', 404],
      ['NotFound', 'no', 404],
      ['NoSuchKey', 'no', 404],
      ['PermanentRedirect', 'no', 301],
      ['AuthorizationHeaderMalformed', 'no', 400],
      ['KMS.DisabledException', 'no', 400],
      ['Error', 'Region is missing'],
      ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
    ],
    final: [
      ['NotImplemented', 'no', 501],
      ['EntityTooLarge', 'no', 400],
      ['MethodNotAllowed', 'no', 405],
    ],
  },
  duckdb: {
    passing: [
      ['', 'IO Error: Could not write file "x": No space left on device'],
      ['', 'IO Error: Could not set lock on file "x": Conflicting lock is held in node (PID 1)'],
      ['', 'Out of Memory Error: failed to allocate'],
      ['', 'TransactionContext Error: Conflict on update!'],
      ['', 'FATAL Error: database has been invalidated'],
    ],
    setup: [
      ['', 'IO Error: The file "x" exists, but it is not a valid DuckDB database file!'],
      ['', 'IO Error: Trying to read a database file with version number 99, but we can only read version 64'],
      ['', 'IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2'],
      ['', 'IO Error: Cannot open file "x": Permission denied'],
      ['', 'IO Error: Cannot open file "x": Read-only file system'],
      ['', 'IO Error: Could not read from file "x": Is a directory'],
    ],
    final: [
      ['', 'Conversion Error: Could not convert string'],
      ['', 'Constraint Error: NOT NULL'],
    ],
  },
  files: {
    passing: [['ENOSPC'], ['EDQUOT'], ['EMFILE'], ['EIO'], ['ESTALE'], ['EBUSY'], ['ENOENT'], ['EWHATEVER']],
    setup: [['EACCES'], ['EPERM'], ['EROFS'], ['ENOTDIR'], ['EISDIR'], ['EEXIST'], ['ELOOP']],
    final: [['ENAMETOOLONG'], ['EINVAL']],
  },
};

const WHEN_PAID = { passing: false, setup: false, final: true } as const;
const BEFORE = { passing: false, setup: true, final: true } as const;

describe('the table of what stores say', () => {
  it('stands in the documentation as it is in the code', async () => {
    const page = await readFile(new URL('../../docs/failures.md', import.meta.url), 'utf8');
    const cells = STORE_FACTS.map(({ store, says, meaning, why }) => [store, says || 'anything else', meaning, why]);
    expect(page).toContain(markdownTable(['store', 'says', 'meaning', 'why'], cells));
  });

  const cases = Object.entries(SAID).flatMap(([store, meanings]) =>
    Object.entries(meanings).flatMap(([meaning, said]) =>
      said.map((one) => [store, one.join(' '), meaning, one] as const),
    ),
  );
  it.each(cases)('%s: %s is %s', (store, _, meaning, said) => {
    const error = STORES[store as keyof typeof STORES](said);
    const failure = (paid: boolean) => failureOf(error, { attempt: 1, paid });
    const isFinal = (of: Readonly<Record<StoreMeaning, boolean>>) => ({
      type: of[meaning as StoreMeaning] ? 'StoreRejected' : 'StoreUnavailable',
      nonRetryable: of[meaning as StoreMeaning],
    });
    expect(failure(false)).toMatchObject(isFinal(BEFORE));
    expect(failure(true)).toMatchObject(isFinal(WHEN_PAID));
  });

  it('says of a standby what it is, in any language of the server', () => {
    const error = Object.assign(new Error('gesperrt'), { code: '0A000', routine: 'check_transaction_read_only' });
    expect(postgresFailure('db:5432/x', error)).toMatchObject({ reason: 'unavailable' });
  });
});
