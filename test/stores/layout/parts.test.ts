import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/stores/layout/canonical-value.js';
import { fileFailure } from '../../../src/stores/layout/file-failure.js';
import { requireFolderName, runFileName } from '../../../src/stores/layout/file-names.js';
import { createLineWriter, readLine } from '../../../src/stores/layout/json-line.js';

describe('the names of files', () => {
  it.each([
    ['0b7c2f9e-8d0f-4b1c-9b43-1f2a', '0b7c2f9e-8d0f-4b1c-9b43-1f2a'],
    ['pipeline/prices/2026-01-01/scrape', 'pipeline%2Fprices%2F2026-01-01%2Fscrape'],
    ['_manifest', '%5Fmanifest'],
    ['..', '%2E.'],
    ['100%', '100%25'],
    ['ü\n', '%C3%BC%0A'],
  ])('of the run %j begin with %s', (run, name) => {
    expect(runFileName(run)).toBe(name);
  });

  it('differ for different runs, however long, and fit a file system', () => {
    const long = 'step/'.repeat(200);
    expect(runFileName(`${long}a`)).not.toBe(runFileName(`${long}b`));
    expect(runFileName(long).length).toBeLessThanOrEqual(150);
    const runs = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 2, maxLength: 2 });
    fc.assert(fc.property(runs, ([a = '', b = '']) => runFileName(a) !== runFileName(b)));
  });

  it.each(['../x', 'a/b', 'a\\b', '..', '.x', '_x', '', ' ', 'a\0', 'x'.repeat(201)])(
    'of the table %j are refused',
    (table) => {
      expect(() => requireFolderName(table)).toThrow(expect.objectContaining({ reason: 'rejected' }));
    },
  );

  it.each(['shop.prices', 'a"; drop table x; --', 'größe 😀', '50% off?*'])('of the table %j are its own', (table) => {
    expect(() => requireFolderName(table)).not.toThrow();
  });
});

describe('a line', () => {
  it('gives back every cell as it was written', () => {
    const cell = fc.option(fc.json({ depthSize: 'medium' }), { nil: undefined });
    const cells = fc.dictionary(fc.string({ unit: 'binary' }), cell, { noNullPrototype: true });
    fc.assert(
      fc.property(cells, fc.string(), fc.nat(), (record, execution, row) => {
        const columns = Object.keys(record).map((name) => ({ name, type: 'jsonb' as const }));
        const line = createLineWriter(columns)({
          execution,
          row,
          at: '2026-01-01T00:00:00Z',
          cells: Object.values(record),
        });
        const expected = Object.entries(record).filter(([, raw]) => raw !== undefined);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect([...readLine(line.trimEnd()).cells].map(([name, raw]) => [name, raw])).toEqual(
          expected.map(([name, raw]) => [name, raw]),
        );
        expect(readLine(line).order).toEqual({ execution, row, at: '2026-01-01T00:00:00Z' });
      }),
    );
  });
});

describe('the canonical text of a value', () => {
  it.each([
    ['numeric', '1', '1.00', true],
    ['numeric', '10e-1', '1', true],
    ['numeric', '-0.0', '0', true],
    ['numeric', '100', '1E2', true],
    ['numeric', '9007199254740993', '9007199254740992', false],
    ['text', String.raw`"\u0041"`, '"A"', true],
    ['text', '"1"', '1', false],
    ['timestamptz', '"2026-01-01T00:00:00Z"', '"2026-01-01T02:00:00.000+02:00"', true],
    ['timestamptz', '"2026-01-01T00:00:00.1Z"', '"2026-01-01T00:00:00.100001Z"', false],
    ['text', '"2026-01-01T00:00:00Z"', '"2026-01-01T02:00:00+02:00"', false],
    ['boolean', 'true', 'false', false],
  ] as const)('of a %s tells %s and %s apart: the same is %s', (type, a, b, same) => {
    expect(canonicalValue(type, a) === canonicalValue(type, b)).toBe(same);
  });

  it('is none for null', () => {
    expect([canonicalValue('text', 'null'), canonicalValue('text', undefined)]).toEqual([undefined, undefined]);
  });
});

describe('a failed file operation', () => {
  it.each([
    ['ENOSPC', 'unavailable', '/data/t: no space is left on the disk (ENOSPC).'],
    ['EACCES', 'setup', '/data/t: this process may not write or read there (EACCES).'],
    ['EIO', 'unavailable', '/data/t: the disk, or the server that it is on, fails (EIO).'],
    ['ENOTDIR', 'setup', '/data/t: a file stands where a folder should be (ENOTDIR).'],
  ])('with %s is %s', (code, reason, message) => {
    const error = Object.assign(new Error('broken'), { code, syscall: 'open', path: '/data/t' });
    expect(fileFailure(error)).toMatchObject({ name: 'StoreError', reason, message });
  });

  it('is told from any other error', () => {
    const error = new Error('mine');
    expect(fileFailure(error)).toBe(error);
  });
});
