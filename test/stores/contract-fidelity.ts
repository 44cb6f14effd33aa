import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/domain/rows.js';
import type { Contract } from './contract.js';
import { loadOf, mergeOf, SKU } from './loads.js';

export function describeFidelity({ store, under, newTable }: Contract): void {
  const readBack = async (column: Column, raws: readonly (string | undefined)[]): Promise<unknown> => {
    const table = newTable();
    await store().publish(loadOf({ table, columns: [column], cells: raws.map((raw) => [raw]) }));
    return (await under().readTable(table))?.map((row) => row[column.name]);
  };

  describe('values', () => {
    it('keep every digit of a whole number, and of any other what the store says', async () => {
      const numbers = [
        '1.10',
        '9007199254740993',
        '0.1000000000000000055511151231257827',
        '-0.00',
        '123456789012345678901234567890.5',
      ];
      expect(await readBack({ name: 'n', type: 'numeric' }, numbers)).toEqual(
        numbers.map((raw) => (raw === '-0.00' ? expect.stringMatching(/^-?0(?:\.00)?$/) : under().number(raw))),
      );
      const integers = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0'];
      expect(await readBack({ name: 'n', type: 'bigint' }, integers)).toEqual(integers);
    });

    it('keep every character of a text', async () => {
      const texts = [
        "tab\tnewline\nreturn\rbackslash\\ quote\" 'single' \\N \\. \\t",
        '\\N',
        '\\.',
        '',
        'ünïcödé 😀 \u2028 \u2029 \u200B \uFEFF',
        '{"not":"json"}',
        'null',
        '\u0001\u0008\u000B\u000C\u001F',
      ];
      expect(
        await readBack(
          { name: 't', type: 'text' },
          texts.map((text) => JSON.stringify(text)),
        ),
      ).toEqual(texts);
      expect(await readBack({ name: 't', type: 'text' }, [String.raw`"\u00e9\ud83d\ude00\/\""`])).toEqual(['é😀/"']);
    });

    it('keep JSON, with its digits and with line breaks between its tokens', async () => {
      const read = await readBack({ name: 'j', type: 'jsonb' }, [
        '{"a": [1.10,\n 9007199254740993], "b": "\\n"}',
        '"s"',
        '[]',
      ]);
      expect(read).toEqual([
        expect.stringMatching(/^\{"a": \[1\.10, +9007199254740993\], "b": "\\n"\}$/),
        expect.stringMatching(/^"?s"?$/),
        '[]',
      ]);
    });

    it('are null where they are null or missing, in every type', async () => {
      for (const type of ['text', 'numeric', 'bigint', 'boolean', 'timestamptz', 'jsonb'] as const) {
        expect(await readBack({ name: 'v', type }, ['null', undefined])).toEqual([null, null]);
      }
    });

    it('of other types arrive', async () => {
      expect(await readBack({ name: 'b', type: 'boolean' }, ['true', 'false'])).toEqual([
        expect.stringMatching(/^t/),
        expect.stringMatching(/^f/),
      ]);
      expect(await readBack({ name: 'at', type: 'timestamptz' }, ['"2026-02-28T23:59:59.123456Z"'])).toEqual([
        expect.stringMatching(/^2026-02-28[T ]23:59:59\.123456/),
      ]);
    });
  });

  describe('columns', () => {
    it.each([
      'Größe',
      'a "b"',
      "it's",
      'select',
      'a.b',
      'c0',
      'reason',
      'at',
      'execution',
      '__proto__',
      'x\\',
      '$1',
      '%s',
    ])('may be named %j', async (name) => {
      const table = newTable();
      const columns = [SKU, { name, type: 'text' } as const];
      await store().publish(mergeOf({ table, run: 'a', columns, cells: [['"k"', '"one"']] }));
      await store().publish(mergeOf({ table, run: 'b', columns, key: ['sku'], cells: [['"k"', '"two"']] }));
      const [row] = (await under().readTable(table)) ?? [];
      expect(row === undefined ? undefined : Object.getOwnPropertyDescriptor(row, name)?.value).toBe('two');
    });
  });
}
