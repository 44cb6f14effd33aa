import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { abortable } from '../../src/stores/abortable.js';

describe('what is read until it is aborted', () => {
  const { signal } = new AbortController();

  it('ends with its source, and throws what the source throws', async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw new Error('gone');
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of abortable(source(), signal)) seen.push(item);
    })();
    await expect(reading).rejects.toThrow('gone');
    expect(seen).toEqual([1, 2]);
  });

  it('throws the reason of the abort, before the first item, between two and while the source hangs', async () => {
    async function* hanging(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => undefined);
    }
    await expect(abortable(hanging(), AbortSignal.abort(new Error('early'))).next()).rejects.toThrow('early');
    const between = new AbortController();
    const paused = abortable(hanging(), between.signal);
    await paused.next();
    between.abort(new Error('between'));
    await expect(paused.next()).rejects.toThrow('between');
    const late = new AbortController();
    const waiting = abortable(hanging(), late.signal);
    await waiting.next();
    const next = waiting.next();
    late.abort(new Error('late'));
    await expect(next).rejects.toThrow('late');
  });

  it('is not kept once it was taken', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const taken: WeakRef<object>[] = [];
    async function* source(): AsyncGenerator<object> {
      for (let at = 0; at < 10; at += 1) yield { at };
    }
    const reading = abortable(source(), signal);
    for (let at = 0; at < 8; at += 1) {
      const { value } = await reading.next();
      taken.push(new WeakRef(value as object));
    }
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(taken.slice(0, 6).filter((item) => item.deref() !== undefined)).toEqual([]);
    await reading.return(undefined);
  });
});
