import { describe, expect, it } from 'vitest';
import { BROKEN_FILES, problemsOf, textOf } from './broken-files.js';

describe('a broken file', () => {
  it.each(BROKEN_FILES)('%s is refused with the place and the cure of all that is wrong', async (name) => {
    const said = textOf(name.replace(/\.\w+$/, '.txt'));

    expect(said).toMatch(/:\d+:\d+: /);
    expect(await problemsOf(name)).toBe(said);
  });

  it('is one of many kinds', () => {
    expect(BROKEN_FILES.length).toBeGreaterThanOrEqual(30);
  });
});
