import { describe, expect, it } from 'vitest';
import { faultInPostgresUrl, passwordsIn } from '../../src/domain/postgres-url.js';

describe('the URL of a Postgres database', () => {
  it.each([
    'postgres://u:p@host/db',
    'postgresql://u:p%2F%23%40%3F@host:5432/db?sslmode=require',
    'postgres://u:a@b@host/db',
    'postgres://host/db',
    'postgres:///db?host=/var/run/postgresql&user=a%40b',
  ])('%s is one', (url) => {
    expect(faultInPostgresUrl(url)).toBeUndefined();
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
