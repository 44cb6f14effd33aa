import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/pipeline-file/problems.js';
import { parseStores } from '../../src/pipeline-file/read-stores-file.js';

const BASE = resolve('/srv/shop');
const EXAMPLE = readFileSync(new URL('../../examples/stores.yaml', import.meta.url), 'utf8');

function problemsOf(text: string, env: Record<string, string | undefined> = {}): string[] {
  const result = parseStores(text, 'stores.yaml', env, BASE);
  return 'problems' in result ? result.problems.map((problem) => formatProblem('stores.yaml', problem)) : [];
}

const WAREHOUSE = 'stores:\n  warehouse:\n    kind: postgres\n    url: "${DATABASE_URL}"\n';

const TWO_FORMS =
  'write https://s3.host where the bucket stands in the path (https://s3.host/lake/…), and https://s3.host with ' +
  '"forcePathStyle": false where it stands in the host\'s name (https://lake.s3.host/…)';

describe('a stores file', () => {
  it('gives every store its settings, with directories beside the file and values from the environment', () => {
    const env = { DATABASE_URL: 'postgresql://titan:pw@db:5432/shop' };

    expect(parseStores(EXAMPLE, 'stores.yaml', env, BASE)).toEqual({
      stores: {
        local: { kind: 'files', directory: resolve(BASE, 'out'), format: 'jsonl' },
        mart: { kind: 'duckdb', path: resolve(BASE, 'mart.duckdb') },
        warehouse: { kind: 'postgres', url: 'postgresql://titan:pw@db:5432/shop' },
        lake: {
          kind: 's3',
          bucket: 'shop-rows',
          prefix: 'titan',
          region: 'eu-central-1',
          format: 'parquet',
        },
      },
    });
  });

  it('fills in what s3 leaves open, and trims the slashes of its prefix', () => {
    const text =
      'stores:\n  lake: { kind: s3, bucket: lake, prefix: /a/b/, accessKeyId: "${ID}", secretAccessKey: "${KEY}" }\n';

    expect(parseStores(text, 'stores.yaml', { ID: 'id', KEY: 'key' }, BASE)).toEqual({
      stores: {
        lake: { kind: 's3', bucket: 'lake', prefix: 'a/b', format: 'jsonl', accessKeyId: 'id', secretAccessKey: 'key' },
      },
    });
    expect(parseStores('stores:\n  lake: { kind: s3, bucket: lake }\n', 'stores.yaml', {}, BASE)).toEqual({
      stores: { lake: { kind: 's3', bucket: 'lake', prefix: '', format: 'jsonl' } },
    });
  });

  it('may be JSON, and take parts of a value from the environment, and leave the format out', () => {
    const text = '{ "stores": { "a": { "kind": "files", "directory": "${ROOT}/${DAY}/out" } } }';

    expect(parseStores(text, 'stores.json', { ROOT: resolve('/data'), DAY: 'a$&b' }, BASE)).toEqual({
      stores: { a: { kind: 'files', directory: resolve('/data/a$&b/out'), format: 'jsonl' } },
    });
  });

  it.each([{}, { DATABASE_URL: '' }])('names what is not set, and where: %j', (env) => {
    expect(problemsOf(WAREHOUSE, env)).toEqual(['stores.yaml:4:5: store "warehouse": DATABASE_URL is not set']);
  });

  it.each([
    ['${DIR:-out}', {}, 'out'],
    ['${DIR:-out}', { DIR: ' ' }, 'out'],
    ['${DIR:-out}', { DIR: ' in\n' }, 'in'],
    ['${DIR-out}', {}, 'out'],
    ['a${DIR-out}', { DIR: '' }, 'a'],
    ['${DIR:-}a/${SUB:-b-:?c}', {}, 'a/b-:?c'],
    ['${DIR:?say where}/x', { DIR: 'd' }, 'd/x'],
    ['${DIR?say where}/x', { DIR: 'd' }, 'd/x'],
    ['  out\\n', {}, 'out'],
  ])('fills in %s with %j as a shell does', (directory, env, expected) => {
    const read = parseStores(`stores:\n  a: { kind: files, directory: "${directory}" }\n`, 'stores.yaml', env, BASE);

    expect(read).toMatchObject({ stores: { a: { directory: resolve(BASE, expected) } } });
  });

  it.each([
    ['url', '${DB:-mysql://u:canary@db/shop}', '"url" must be a URL such as'],
    ['url', '${DB:?canary}', 'DB is not set'],
    ['url', '${DB?canary}', 'DB is not set'],
    [
      'url',
      '${DB:+canary}',
      '"url" has a "${…}" that cannot be filled in: ${NAME}, ${NAME:-default} and ${NAME:?message}',
    ],
    ['url', '${DB=canary}', '"url" has a "${…}" that cannot be filled in'],
    ['url', '${1canary}', '"url" has a "${…}" that cannot be filled in'],
    ['url', '${}', '"url" has a "${…}" that cannot be filled in'],
    ['url', '${DB:-${OTHER:-canary}}', '"url" has a variable within the default of ${DB…}'],
    ['url', 'postgres://u:${canary', '"url" has a "${" without its "}": write ${NAME}'],
    [
      'url',
      '$DATABASE_URL',
      '"url" has a "$" before a name, which is not filled in: write ${NAME} for a variable, and %24',
    ],
    ['url', 'postgres://u:p$canary@db/shop', '"url" has a "$" before a name'],
    ['url', '%canary%', '"url" has a name between two "%", which is not filled in: write ${NAME} for a variable'],
    ['kind', '${KIND:-canary}', '"kind" must be "duckdb", "files", "postgres" or "s3", is "${KIND}"'],
  ])('refuses %s: %s with its place, and shows nothing of what may be secret', (key, value, says) => {
    const [problem = '', ...others] = problemsOf(
      `stores:\n  a: { kind: postgres, ${key}: '${value}' }\n`.replace('kind: postgres, kind', 'url: x, kind'),
    );

    expect(others).toEqual([]);
    expect(problem).toMatch(/^stores\.yaml:2:\d+: store "a": /);
    expect(problem).toContain(says);
    expect(problem).not.toContain('canary');
  });

  it.each([
    ['{ kind: files, directory: ~/rows }', 'directory'],
    ['{ kind: files, directory: "~me/rows" }', 'directory'],
    ['{ kind: files, directory: "~" }', 'directory'],
    ['{ kind: duckdb, path: ~/mart.duckdb }', 'path'],
  ])('has no folder called ~: %s', (store, key) => {
    expect(problemsOf(`stores:\n  a: ${store}\n`)).toEqual([
      expect.stringContaining(`"${key}" must not begin with ~, which only a shell replaces; give the whole path`),
    ]);
  });

  it.each(['$HOME/rows', '%USERPROFILE%/rows', 'a/$DAY'])('has no folder called as a variable: %s', (directory) => {
    expect(problemsOf(`stores:\n  a: { kind: files, directory: "${directory}" }\n`)).toEqual([
      expect.stringMatching(/^stores\.yaml:2:32: store "a": "directory" has .*: write \$\{NAME\} for a variable$/),
    ]);
  });

  it('never shows a value of the environment', () => {
    const env = { DATABASE_URL: 'mysql://titan:canary@db/shop', KIND: 'canary', DIR: '' };
    const text = `${WAREHOUSE}  other:\n    kind: "\${KIND}"\n    url: x\n  third: { kind: files, directory: "\${DIR}" }\n`;

    expect(problemsOf(text, env)).toEqual([
      'stores.yaml:4:10: store "warehouse": "url" must be a URL such as postgres://user:password@host:5432/database ' +
        '(not shown, it may hold a password)',
      'stores.yaml:6:11: store "other": "kind" must be "duckdb", "files", "postgres" or "s3", is "${KIND}"',
      'stores.yaml:8:25: store "third": DIR is not set',
    ]);
  });

  it.each([
    [
      'an unknown kind',
      '{ kind: gcs }',
      '2:14: store "a": "kind" must be "duckdb", "files", "postgres" or "s3", is "gcs"',
    ],
    [
      'no kind',
      '{ directory: x }',
      '2:6: store "a": "kind" is missing, it can be "duckdb", "files", "postgres" or "s3"',
    ],
    ['no path', '{ kind: duckdb }', '2:6: store "a": "path" is missing'],
    ['no directory', '{ kind: files }', '2:6: store "a": "directory" is missing'],
    [
      "another kind's key",
      '{ kind: files, directory: x, url: y }',
      '2:35: store "a": unknown key "url", known here: "kind", "directory", "format", "escapeFormulas"',
    ],
    [
      'another format',
      '{ kind: files, directory: x, format: avro }',
      '2:43: store "a": "format" must be "jsonl", "csv" or "parquet", is "avro"',
    ],
    [
      'an option of another format',
      '{ kind: files, directory: x, escapeFormulas: true }',
      '2:6: store "a": "escapeFormulas" is for format "csv" only',
    ],
    [
      'one key without the other',
      '{ kind: s3, bucket: lake, accessKeyId: "canary" }',
      '2:6: store "a": set both "accessKeyId" and "secretAccessKey", or none',
    ],
    [
      'no bucket of that name',
      '{ kind: s3, bucket: "s3://lake" }',
      '2:26: store "a": "bucket" must be the name of a bucket: 3 to 63 small letters, digits, dots and hyphens',
    ],
    [
      'an endpoint with a password',
      '{ kind: s3, bucket: lake, endpoint: "http://me:canary@s3" }',
      '2:42: store "a": "endpoint" must be a URL such as https://s3.example.com, without a password',
    ],
    [
      'a password that is not encoded',
      '{ kind: postgres, url: "postgresql://u:canary@ss/w#rd@h/db" }',
      '2:29: store "a": "url" has an @ or a # behind its host (not shown); write the signs / ? # @ % of a user or a password as %2F %3F %23 %40 %25',
    ],
    [
      'a parameter that is not taken',
      '{ kind: postgres, url: "postgresql://u:p@h/db?passfile=x" }',
      '2:29: store "a": "url" has the parameter passfile, which is not taken: password files are not read; write the password into the url, as ${NAME}',
    ],
    [
      'no URL',
      '{ kind: postgres, url: "db:5432" }',
      '2:29: store "a": "url" must be a URL such as postgres://user:password@host:5432/database (not shown, it may hold a password)',
    ],
    [
      'a number as a key',
      '{ kind: s3, bucket: lake, accessKeyId: 1e5, secretAccessKey: 123456 }',
      '2:45: store "a": "accessKeyId" must be a text, is a number: put it in quotes\nstores.yaml:2:67: store "a": "secretAccessKey" must be a text, is a number: put it in quotes',
    ],
    [
      'an endpoint with a query',
      '{ kind: s3, bucket: lake, endpoint: "https://s3.host/?x" }',
      '2:42: store "a": "endpoint" must be a URL without "?" and "#", such as https://s3.example.com',
    ],
    [
      'an endpoint with a path',
      '{ kind: s3, bucket: lake, endpoint: "https://s3.host/rows" }',
      `2:42: store "a": "endpoint" must not have a path: ${TWO_FORMS}`,
    ],
    ...[
      'https://s3.host/lake',
      'https://s3.host/lake/',
      'https://s3.host/lake/titan',
      'https://lake.s3.host',
      'https://lake.s3.host/',
      'https://lake.s3.host/lake',
    ].map((endpoint) => [
      'an endpoint with the bucket in it',
      `{ kind: s3, bucket: lake, endpoint: "${endpoint}" }`,
      `2:42: store "a": "endpoint" must not have the bucket in it: ${TWO_FORMS}`,
    ]),
    ['a text', 'files', '2:6: store "a": "a" must be a mapping, is a text'],
  ])('is refused with the store and the place: %s', (_, store, says) => {
    expect(problemsOf(`stores:\n  a: ${store}\n`).join('\n')).toBe(`stores.yaml:${says}`);
  });

  it.each([
    'https://s3.host',
    'https://s3.host/',
    'http://127.0.0.1:9000',
    'https://lakes.host',
    'https://x.supabase.co/storage/v1/s3',
  ])('may name the server %s', (endpoint) => {
    expect(problemsOf(`stores:\n  lake: { kind: s3, bucket: lake, endpoint: "${endpoint}" }\n`)).toEqual([]);
  });

  it('is refused where the environment names a server with the bucket in it', () => {
    const text = 'stores:\n  a: { kind: s3, bucket: lake }\n';

    expect(problemsOf(text, { AWS_ENDPOINT_URL: 'https://s3.host/' })).toEqual([]);
    expect(problemsOf(text, { AWS_ENDPOINT_URL_S3: 'https://lake.s3.host' })).toEqual([
      `stores.yaml:2:6: store "a": AWS_ENDPOINT_URL_S3 must not have the bucket in it: ${TWO_FORMS}`,
    ]);
  });

  it('is refused as a whole where it is no stores file', () => {
    expect(problemsOf('')).toEqual(['stores.yaml:1:1: the file is empty']);
    expect(problemsOf('store: {}\n')).toEqual([
      'stores.yaml:1:1: "stores" is missing',
      'stores.yaml:1:1: unknown key "store", did you mean "stores"?',
    ]);
    expect(problemsOf('stores: [\n')).toHaveLength(1);
  });
});
