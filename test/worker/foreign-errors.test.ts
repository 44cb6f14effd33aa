import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createForeignText } from '../../src/domain/foreign-text.js';
import { maskError, maskingHistories, maskTexts } from '../../src/worker/foreign-errors.js';

const CANARY = 'canary-token-1';
const mask = createForeignText([CANARY], 8_000);

function allOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  const details = error instanceof ApplicationFailure ? JSON.stringify(error.details) : '';
  return [error.message, error.stack, details, error.cause === undefined ? '' : allOf(error.cause)].join('\n');
}

describe('an error of an activity', () => {
  it('is masked in its message, stack, details and causes, and stays what it is', () => {
    const cause = new Error(`inner ${CANARY}`, { cause: new TypeError(CANARY, { cause: CANARY }) });
    const failure = ApplicationFailure.create({
      type: 'TaskRejected',
      message: `no ${CANARY}`,
      nonRetryable: true,
      details: [{ executionId: 'e-1', [CANARY]: ['x', { deep: CANARY }], rows: 3 }],
      cause,
    });
    const masked = maskError(failure, mask);
    expect(masked).toBeInstanceOf(ApplicationFailure);
    expect(masked).toMatchObject({
      type: 'TaskRejected',
      nonRetryable: true,
      message: 'no ***',
      details: [{ executionId: 'e-1', '***': ['x', { deep: '***' }], rows: 3 }],
    });
    expect(allOf(masked)).not.toContain(CANARY);
  });

  it('is cut, and so is a chain of causes that has no end', () => {
    const endless = new Error('x'.repeat(100_000));
    endless.cause = endless;
    expect((maskError(endless, mask) as Error).message.length).toBeLessThan(8_100);
    expect(allOf(maskError(Object.freeze(new Error(CANARY)), mask))).not.toContain(CANARY);
  });

  it('may be no error', () => {
    expect(maskError(CANARY, mask)).toBe('***');
    expect(maskTexts(undefined, mask)).toBeUndefined();
  });
});

describe('what an activity returns', () => {
  const returned = async (result: unknown): Promise<unknown> =>
    maskingHistories([CANARY, 'json']).execute?.({ args: [], headers: {} }, () => Promise.resolve(result));

  it('is looked through for long secrets, and else handed on as it is', async () => {
    expect(await returned({ error: `no ${CANARY}`, format: 'json' })).toEqual({ error: 'no ***', format: 'json' });
    const good = { format: 'json', at: new Date(0) };
    expect(await returned(good)).toBe(good);
    expect(await returned(undefined)).toBeUndefined();
  });
});
