import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/emulator/json.js';
import { csvFile, firstHalf, jsonFile } from '../../src/emulator/result-file.js';
import { textStream } from '../../src/emulator/text-stream.js';

function rowsOf(columns: readonly string[], values: readonly Json[]) {
  return { columns, row: (index: number) => values[index] ?? null };
}

function text(pieces: Iterable<string>): string {
  return [...pieces].join('');
}

describe('a result file', () => {
  it('is one JSON array, empty or not', () => {
    expect(JSON.parse(text(jsonFile(rowsOf([], []), 0).pieces))).toEqual([]);
    const values = [{ a: '"1"\n' }, { a: null }];
    expect(JSON.parse(text(jsonFile(rowsOf(['a'], values), 2).pieces))).toEqual(values);
  });

  it('is CSV with a header, quotes where they are needed, and JSON for nested values', () => {
    const values = [
      { name: 'plain', price: 12.5, tags: ['a', 'b'] },
      { name: 'say "hi", twice\nplease', price: null, tags: [] },
      { name: ' kept ', price: 0, tags: { x: true } },
    ];
    expect(text(csvFile(rowsOf(['name', 'price', 'tags'], values), 3).pieces)).toBe(
      'name,price,tags\r\n' +
        'plain,12.5,"[""a"",""b""]"\r\n' +
        '"say ""hi"", twice\nplease",,[]\r\n' +
        '" kept ",0,"{""x"":true}"\r\n',
    );
  });

  it('has one column in CSV where a row is no object', () => {
    expect(text(csvFile(rowsOf([], ['x', 2]), 2).pieces)).toBe('value\r\nx\r\n2\r\n');
  });

  it('can be cut in the middle of a row', () => {
    const half = text(firstHalf(jsonFile(rowsOf(['n'], [{ n: 1 }, { n: 2 }, { n: 3 }]), 3)));
    expect(half).toBe('[\n{"n":1},\n{"');
    expect(text(firstHalf(csvFile(rowsOf(['column'], []), 0)))).toBe('colu');
  });

  it('is made only as far as it is read', async () => {
    let made = 0;
    const rows = { columns: ['n'], row: () => ({ n: (made += 1) }) };
    const reader = textStream(jsonFile(rows, 10_000_000).pieces).getReader();
    expect(made).toBe(0);
    await reader.read();
    expect(made).toBeLessThan(10_000);
    await reader.cancel();
    expect(made).toBeLessThan(10_000);
  });
});
