import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { showRows } from '../../src/commands/show-rows.js';

it('shows the first rows of a file, whatever signs and numbers are in them', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-show-'));
  const rows = ['{"sku":"a\u2028b\u2029c","id":9007199254740993123}', '{"sku":"d"}', '{"sku":"e"}', '{"sku":"f"}'];
  await mkdir(join(directory, 'prices'));
  await writeFile(join(directory, 'prices', '_manifest.json'), JSON.stringify({ files: [{ name: 'run.jsonl' }] }));
  await writeFile(join(directory, 'prices', 'run.jsonl'), rows.map((row) => `${row}\n`).join(''));
  const receipt = { store: 'local', table: 'prices', mode: 'append', superseded: false } as const;
  const counts = { records: 4, rows: 4, rejected: 0, inserted: 4, updated: 0, unchanged: 0, duplicates: 0 };

  const [text = ''] = await showRows({ local: { kind: 'files', directory, format: 'jsonl' } }, [
    { ...receipt, ...counts },
  ]);

  expect(text).toContain(String.raw`a\u2028b\u2029c`);
  expect(text).toContain('9007199254740993123');
  expect(text).toContain('│ e ');
  expect(text).not.toContain('│ f ');
  await rm(directory, { recursive: true });
});
