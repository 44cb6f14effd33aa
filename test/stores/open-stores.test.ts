import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openStores } from '../../src/stores/open-stores.js';

describe('the stores of a stores file', () => {
  const stores = openStores({
    warehouse: { kind: 'postgres', url: 'postgresql://nobody:canary-password@127.0.0.1:1/none' },
    local: { kind: 'files', directory: tmpdir(), format: 'jsonl' },
    broken: { kind: 'postgres', url: 'postgresql://user:canary-password@ho st:port/x' },
  });

  it('are opened when they are asked for, and once', async () => {
    expect(stores.names).toEqual(['warehouse', 'local', 'broken']);
    expect(stores.get('warehouse')).toBe(stores.get('warehouse'));
    await stores.close();
    await stores.close();
  });

  it.each([
    ['warehause', 'There is no store "warehause"; known are "warehouse", "local", "broken". Did you mean "warehouse"?'],
    ['constructor', 'There is no store "constructor"; known are "warehouse", "local", "broken".'],
  ])('are named where there is no %s', (name, message) => {
    expect(() => stores.get(name)).toThrow(
      expect.objectContaining({ name: 'StoreError', reason: 'setup', isUnknown: true, message }),
    );
  });

  it('never show a url that is wrong', () => {
    let refusal: unknown;
    try {
      stores.get('broken');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(
        /^The url of store "broken" holds a blank or a line break \(not shown\); write the signs/,
      ),
    });
    expect(inspect(refusal, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('may be none', () => {
    expect(() => openStores({}).get('local')).toThrow('There is no store "local"; there are none.');
  });
});
