import { describe, expect, it } from 'vitest';
import { faultInPostgresUrl, passwordsIn, readPostgresUrl } from '../../src/domain/postgres-url.js';

const one = (host: string, port = 5432) => [{ host, port }];

describe('the URL of a Postgres database', () => {
  it.each([
    ['postgres://u:p@host/db', { hosts: one('host'), user: 'u', password: 'p', database: 'db' }],
    ['postgresql://u:p%2F%23%40%3F@h:6432/db?sslmode=require', { hosts: one('h', 6432), password: 'p/#@?' }],
    ['postgres://host', { hosts: one('host'), user: undefined, password: undefined, database: undefined }],
    ['postgres://u:p:q@host/db', { hosts: one('host'), user: 'u', password: 'p:q' }],
    [
      'postgres:///db?host=/var/run/postgresql&user=a%40b',
      { hosts: one('/var/run/postgresql'), user: 'a@b', database: 'db' },
    ],
    [
      'postgresql://u:p@/rows?host=/cloudsql/project:region:db',
      { hosts: one('/cloudsql/project:region:db'), database: 'rows' },
    ],
    ['postgresql://u:p@localhost/rows?host=/cloudsql/project:region:db', { hosts: one('/cloudsql/project:region:db') }],
    ['postgresql://u@%2Fvar%2Frun:6432/rows', { hosts: one('/var/run', 6432), database: 'rows' }],
    ['postgresql://u:p@[::1]:5433/rows', { hosts: one('::1', 5433) }],
    ['postgresql://u:p@[::1]/rows', { hosts: one('::1') }],
    [
      'postgresql://u:p@db1:5432,db2:5433/rows?target_session_attrs=read-write',
      { hosts: [...one('db1'), ...one('db2', 5433)] },
    ],
    ['postgresql://u:p@db1,[fe80::1]:1,db3/rows', { hosts: [...one('db1'), ...one('fe80::1', 1), ...one('db3')] }],
    ['postgresql:///rows?host=a,b&port=1,2', { hosts: [...one('a', 1), ...one('b', 2)] }],
    ['postgresql:///rows?host=a,b&port=7', { hosts: [...one('a', 7), ...one('b', 7)] }],
    [
      'postgresql:///?dbname=rows&user=u&password=a%26b',
      { hosts: one('localhost'), user: 'u', password: 'a&b', database: 'rows' },
    ],
    ['postgresql://u:p@h/a%2Fb', { database: 'a/b' }],
  ])('%s', (url, parts) => {
    expect(readPostgresUrl(url)).toMatchObject(parts);
  });

  it.each([
    'options=-c search_path=shop',
    'options=-csearch_path%3Dshop',
    'sslmode=require&channel_binding=require',
    'sslrootcert=system',
    'sslmode=verify-full&sslrootcert=system',
    'sslmode=verify-ca&sslrootcert=/ca.pem',
    'sslmode=verify-full&sslcert=/c.pem&sslkey=/k.pem&sslpassword=x',
    'sslmode=require&sslnegotiation=direct',
    'ssl=true',
    'ssl=no-verify',
    'uselibpqcompat=true&sslmode=require',
    'connect_timeout=10&application_name=etl&keepalives=0',
    'target_session_attrs=primary',
    'target_session_attrs=any',
  ])('takes ?%s', (query) => {
    expect(faultInPostgresUrl(`postgresql://u:p@h/db?${query}`)).toBeUndefined();
  });

  it.each([
    ['sslmode=canary', 'has a sslmode that is not disable, allow, prefer, require, verify-ca, verify-full, no-verify'],
    ['sslmode=require&sslrootcert=system', 'has sslrootcert=system, which needs sslmode=verify-full'],
    ['sslmode=verify-ca', 'needs sslrootcert=FILE'],
    ['sslcert=/c.pem', 'needs both sslcert and sslkey'],
    ['sslnegotiation=direct', 'has sslnegotiation=direct, which needs sslmode=require'],
    ['sslmode=disable&channel_binding=require', 'has channel_binding=require, which needs TLS'],
    ['target_session_attrs=standby', 'has target_session_attrs for a server that only reads'],
    ['target_session_attrs=canary', 'has a target_session_attrs that is not any, read-write, primary'],
    ['connect_timeout=canary', 'has a connect_timeout that is not a whole number of seconds'],
    ['connect_timeout=', 'has the parameter connect_timeout without a value'],
    ['passfile=/canary', 'has the parameter passfile, which is not taken'],
    ['service=canary', 'has the parameter service, which is not taken'],
    ['schema=canary', 'has the parameter schema, which is not taken: name the schema in the publication'],
    ['pgbouncer=true', 'has the parameter pgbouncer, which is not taken'],
    ['hasOwnProperty=canary', 'has the unknown parameter hasOwnProperty'],
    ['sslmod=canary', 'has the unknown parameter sslmod'],
    ['password=a&canary=1', 'has an unknown parameter behind password (not shown); write an & of a password as %26'],
    ['port=1,2', 'has 1 hosts and 2 ports'],
    ['port=canary', 'has a port that is no number from 1 to 65535'],
  ])('refuses ?%s', (query, why) => {
    const fault = faultInPostgresUrl(`postgresql://u:p@h/db?${query}`) ?? '';
    expect(fault).toContain(why);
    expect(fault).not.toContain('canary');
  });

  // Each of them would be read as another host, port or database, and shown so.
  it.each([
    'postgres://u:a@canary@host/db',
    'postgres://u:pa/canary@host',
    'postgres://u:canary%4@host/db',
    'postgres://u:canary',
    'postgres://u:canary/x',
    'postgres://host:99999/canary',
    'postgres://canary!x/db',
    'postgres://::1/canary',
    'postgresql://u:p@a,,canary/db',
    'host=db user=u password=canary',
    "password='canary' host=db",
    'jdbc:postgresql://u:canary@host/db',
    'postgresql+psycopg2://u:canary@host/db',
    'POSTGRES://u:canary@host/db',
    'postgres:u:canary@host/db',
    ' postgres://u:canary@host/db',
    'postgres://u:canary@host/db\n',
    '',
  ])('%j is refused, and not shown', (url) => {
    const fault = faultInPostgresUrl(url) ?? '';
    expect(fault).not.toBe('');
    expect(fault).not.toContain('canary');
  });

  it.each([
    ['host=db user=u password=p', 'is a list of keywords and values; write it as postgres://'],
    ['jdbc:postgresql://h/db', 'is a JDBC URL; write it as postgres://'],
    ['postgresql+psycopg2://u:p@h/db', 'has the scheme of another tool, or one in capitals; write it as postgres://'],
  ])('%s is told the right form', (url, told) => {
    expect(faultInPostgresUrl(url)).toContain(told);
  });

  // Each of them would be read as another host, port or database, and shown so.
  it.each([
    'postgres://u:canary/1@host/db',
    'postgres://u:12/canary@host/db',
    'postgres://u:pa@canary/x@host/db',
    'postgres://u:12#canary@host/db',
    'postgres://u:12?canary@host/db',
    'postgres://u:pa@canary?x@host/db',
    'postgres://u:canary%zz@host/db',
    'postgres://u:canary\n1@host/db',
    'postgres://u:canary 1@host/db',
    'mysql://u:canary@host/db',
    'canary',
  ])('%j is refused, and not shown', (url) => {
    const fault = faultInPostgresUrl(url) ?? '';
    expect(fault).toMatch(/not shown/);
    expect(fault).not.toContain('canary');
  });

  it('has the passwords that it tells, in both spellings', () => {
    expect(passwordsIn('postgres://u:a%2Fb@host/db?password=c&sslpassword=d')).toEqual(['a%2Fb', 'a/b', 'c', 'd']);
  });
});
