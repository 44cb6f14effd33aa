/**
 * - passing: the same works later, so it is tried again until `giveUpAfter`
 * - setup: the same works after somebody has mended the store, its settings, credentials or rights. Before a run is paid
 *   for it fails at once; after that it is tried again until `giveUpAfter`
 * - final: it never works like this
 */
export type StoreMeaning = 'passing' | 'setup' | 'final';

/** One row of the table: what the words of a store mean. */
export interface StoreFact {
  readonly store: StoreSystem;
  /** Codes, a class of codes (`08…`), or words in quotation marks; separated by commas. Empty: anything else. */
  readonly says: string;
  readonly meaning: StoreMeaning;
  readonly why: string;
  /** Recognizes it in the code and the words. Undefined: by the codes in `says`. */
  readonly words?: RegExp;
}

type StoreSystem = 'postgres' | 's3' | 'duckdb' | 'files';

const NETWORK =
  'ECONNREFUSED, ECONNRESET, ECONNABORTED, EPIPE, ENOTFOUND, EAI_AGAIN, EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, ENETDOWN, ETIMEDOUT';
const IN_TLS = /SSL|TLS|certificate|\bCERT_|_CERT\b|UNABLE_TO_|EPROTO/i;

/** Of the rows of a store that fit, the first one counts. docs/failures.md shows the same table. */
export const STORE_FACTS: readonly StoreFact[] = [
  fact(
    'postgres',
    '25006, 0A000 "during recovery"',
    'passing',
    'a standby after a failover, which is promoted, or another server takes its place',
    /^25006|^0A000.*(?:recovery|check_(?:transaction|Xact)_?Read_?Only)/i,
  ),
  fact(
    'postgres',
    '08P01 "no such user", "no such database", "authentication failed", "unsupported startup parameter"',
    'setup',
    'a pooler does not accept what the url says',
    /^08P01.*(?:no such (?:user|database)|authentication failed|auth failed|unsupported startup parameter)/i,
  ),
  fact(
    'postgres',
    'XX000 "tenant or user not found", "endpoint … disabled", "endpoint ID is not specified"',
    'setup',
    'a provider does not know, or has switched off, what the url names',
    /tenant or user not found|endpoint.*disabled|endpoint id is not specified/i,
  ),
  fact('postgres', '08…', 'passing', 'the connection broke, or a pooler has no server for it'),
  fact('postgres', '28…', 'setup', 'the password was changed, the role has expired, or pg_hba.conf does not let it in'),
  fact('postgres', '3D000, 57P04', 'setup', 'the database is not there, or is just being restored'),
  fact('postgres', '42501', 'setup', 'a grant is missing'),
  fact(
    'postgres',
    '3F000, 42P01, 42703, 42704, 42883',
    'setup',
    'somebody drops, renames or restores what the load uses',
  ),
  fact(
    'postgres',
    '55000',
    'setup',
    'the table is not in the state that it needs, such as one that is replicated without an identity',
  ),
  fact('postgres', '40002', 'final', 'the rows break a constraint'),
  fact('postgres', '40…', 'passing', 'another transaction was in the way'),
  fact('postgres', '53…', 'passing', 'the disk is full, memory is short, or there are too many connections'),
  fact('postgres', '55006, 55P03', 'passing', 'somebody has it locked'),
  fact(
    'postgres',
    '57014, 57P01, 57P02, 57P03, 57P05, 25P03, 25P04',
    'passing',
    'the server, or its administrator, has cancelled it, is going down or is starting',
  ),
  fact('postgres', '58…', 'passing', "the server's files or its machine fail"),
  fact('postgres', 'XX001, XX002', 'setup', 'a table or an index is damaged'),
  fact('postgres', 'XX…', 'passing', 'an internal error of the server'),
  fact(
    'postgres',
    'any other SQLSTATE',
    'final',
    'a fault in the rows, the table or the statement',
    /^(?!E)[\dA-Z]{5}(?: |$)/,
  ),
  fact('postgres', NETWORK, 'passing', 'the server, its name or the network is away'),
  fact('postgres', 'EACCES, EPERM', 'setup', 'the socket is not for this process'),
  fact('postgres', 'a fault of TLS', 'setup', 'TLS is not offered, not trusted, or not as the url wants it', IN_TLS),
  fact(
    'postgres',
    '"password must be", "SASL"',
    'setup',
    'the password is missing, or the server wants another way to prove it',
    /password must be|SASL/i,
  ),
  fact('postgres', '', 'passing', 'a connection that ends without a word of the server'),

  fact(
    's3',
    'NoSuchUpload',
    'passing',
    'an upload was aborted by another load of the same run, or by a rule of the bucket',
  ),
  fact('s3', 'NoSuchKey', 'setup', 'an object is gone that the manifest lists; put it back'),
  fact('s3', 'NoSuchBucket, 404', 'setup', 'there is no such bucket; create it, or set another'),
  fact(
    's3',
    'QuotaExceeded, XMinioStorageFull, XMinioAdminBucketQuotaExceeded, InsufficientStorage, InsufficientCapacity, 507',
    'passing',
    'no room is left there',
  ),
  fact(
    's3',
    'InvalidAccessKeyId, SignatureDoesNotMatch, InvalidToken, XAdminUserNotFound',
    'setup',
    'the server does not accept the keys; check accessKeyId and secretAccessKey, or where the SDK takes them from',
  ),
  fact(
    's3',
    'ExpiredToken, ExpiredTokenException, TokenRefreshRequired',
    'passing',
    'the keys have expired; renew them',
  ),
  fact(
    's3',
    'CredentialsProviderError',
    'setup',
    'no keys were found; set accessKeyId and secretAccessKey, or give the process a role or a profile',
  ),
  fact(
    's3',
    'RequestTimeTooSkewed',
    'passing',
    'the clocks of this machine and of the server differ by more than 15 minutes; set this one',
  ),
  fact(
    's3',
    'SlowDown, Throttling, ThrottlingException, TooManyRequestsException, RequestLimitExceeded, 429',
    'passing',
    'the server asks for fewer requests',
  ),
  fact(
    's3',
    'PermanentRedirect, AuthorizationHeaderMalformed, IllegalLocationConstraintException, 301, 307',
    'setup',
    'the bucket is in another region; set region',
  ),
  fact('s3', '"Region is missing"', 'setup', 'no region is set; set region, or AWS_REGION', /Region is missing/),
  fact(
    's3',
    '"KMS."',
    'setup',
    'the key that encrypts the bucket cannot be used; enable it, and let these keys use it',
    /^KMS\./,
  ),
  fact(
    's3',
    'AccessDenied, AllAccessDisabled, AccountProblem, 401, 403',
    'setup',
    'these keys may not do that; let them read, write, list and delete there',
  ),
  fact(
    's3',
    'OperationAborted, ConditionalRequestConflict, PreconditionFailed, 409, 412',
    'passing',
    'another write was under way',
  ),
  fact(
    's3',
    'NotImplemented, 501',
    'final',
    'the server does not know what is asked; use one that has conditional writes and uploads in parts',
  ),
  fact(
    's3',
    '407',
    'passing',
    'a proxy in between wants a user and a password, or does not take those that it is given; mend them in HTTPS_PROXY or HTTP_PROXY',
  ),
  fact('s3', '408, 425', 'passing', 'the server was not ready'),
  fact('s3', `${NETWORK}, TimeoutError`, 'passing', 'the server does not answer; check endpoint and network'),
  fact(
    's3',
    'a fault of TLS',
    'setup',
    "the server's certificate is not trusted; mend it, or set NODE_EXTRA_CA_CERTS",
    /certificate|\bCERT_|_CERT\b|UNABLE_TO_|EPROTO|ALTNAME/,
  ),
  fact('s3', 'any other 4xx', 'final', 'the server does not take the request', /^(?:\S+ ){1,2}4\d\d /),
  fact('s3', '', 'passing', 'the server failed, or broke off'),

  fact(
    'duckdb',
    '"not a valid DuckDB database file", "newer version", "version number"',
    'setup',
    'the file is something else, or of a newer DuckDB',
    /not a valid DuckDB database file|version number|newer version/i,
  ),
  fact('duckdb', '"corrupt", "checksum"', 'setup', 'the file is damaged', /corrupt|checksum/i),
  fact(
    'duckdb',
    '"Is a directory", "Not a directory"',
    'setup',
    'the path is not one of a file',
    /Is a directory|Not a directory/i,
  ),
  fact(
    'duckdb',
    'IO Error "Permission denied", "Read-only file system"',
    'setup',
    'this process may not write the file',
    /^IO Error.*(?:Permission denied|Operation not permitted|Read-only file system)/i,
  ),
  fact('duckdb', 'IO Error', 'passing', 'the disk is full or fails, or another process has the file', /^IO Error/i),
  fact('duckdb', 'Out of Memory Error', 'passing', 'other loads need the memory', /^Out of Memory Error/i),
  fact(
    'duckdb',
    'Transaction, TransactionContext, Connection, INTERRUPT Error',
    'passing',
    'another transaction was in the way',
    /^(?:Transaction|TransactionContext|Connection|INTERRUPT) Error/i,
  ),
  fact('duckdb', 'FATAL, INTERNAL Error', 'passing', 'the database is opened anew', /^(?:FATAL|INTERNAL) Error/i),
  fact('duckdb', '', 'final', 'a fault in the rows, the table or the statement'),

  fact('files', 'ENOSPC', 'passing', 'no space is left on the disk'),
  fact('files', 'EDQUOT', 'passing', 'the disk quota is used up'),
  fact('files', 'EMFILE, ENFILE', 'passing', 'too many files are open'),
  fact('files', 'EACCES', 'setup', 'this process may not write or read there'),
  fact('files', 'EPERM', 'setup', 'this process may not do that there'),
  fact('files', 'EROFS', 'setup', 'the file system is read-only'),
  fact('files', 'ENOTDIR, EEXIST', 'setup', 'a file stands where a folder should be'),
  fact('files', 'EISDIR', 'setup', 'a folder stands where a file should be'),
  fact('files', 'ELOOP', 'setup', 'a link leads back to itself'),
  fact('files', 'ENOENT', 'passing', 'it is gone'),
  fact('files', 'ENAMETOOLONG', 'final', 'its name is too long'),
  fact('files', 'EINVAL', 'final', 'the file system does not take it'),
  fact('files', 'EBUSY, EAGAIN, ETXTBSY', 'passing', 'somebody else uses it'),
  fact(
    'files',
    'EIO, ESTALE, ETIMEDOUT, EHOSTDOWN, ENXIO, ENODEV',
    'passing',
    'the disk, or the server that it is on, fails',
  ),
  fact('files', '', 'passing', 'the operation failed'),
];

/**
 * Looks a failure up.
 *
 * @param codes what the store calls it: SQLSTATE, errno, name, HTTP status
 */
export function storeFact(
  store: StoreSystem,
  codes: readonly (string | number | undefined)[],
  message = '',
): StoreFact {
  const known = codes.filter((code) => code !== undefined && code !== '').map(String);
  const found = STORE_FACTS.find((row) => row.store === store && fits(row, known, message));
  if (found === undefined) throw new Error(`the table has no last row for ${store}`);
  return found;
}

function fits({ says, words }: StoreFact, codes: readonly string[], message: string): boolean {
  if (words !== undefined) return words.test([...codes, message].join(' '));
  if (says === '') return true;
  return says.split(', ').some((known) => codes.some((code) => isOf(code, known)));
}

function isOf(code: string, known: string): boolean {
  // An errno such as EPIPE has five letters too, but no class.
  return known.endsWith('…') ? code.length === 5 && code.startsWith(known.slice(0, -1)) : code === known;
}

function fact(store: StoreSystem, says: string, meaning: StoreMeaning, why: string, words?: RegExp): StoreFact {
  return { store, says, meaning, why, ...(words === undefined ? {} : { words }) };
}
