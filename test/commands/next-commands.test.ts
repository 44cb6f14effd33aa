import { expect, it } from 'vitest';
import { isHeldByGate, nextCommands } from '../../src/commands/next-commands.js';

const ID = 'pipeline/my prices/k';
const details = { executionId: 'e1' };

function failed(type: string, message = 'no', more: object = details) {
  return { kind: 'failed', type, message, details: more } as const;
}

it.each([
  ['a gate', failed('ExpectationFailed'), ["titanflow release 'pipeline/my prices/k'"]],
  [
    'a gate that holds a step with rejects',
    failed('StepFailed', 'step "a" failed: ExpectationFailed: 4 of 40', { ...details, rejected: 4 }),
    ["titanflow release 'pipeline/my prices/k'", 'titanflow rejects show e1'],
  ],
  ['the service', failed('ExecutionFailed'), ["titanflow retry --rerun 'pipeline/my prices/k'"]],
  [
    'the service, in one of many steps',
    failed(
      'StepFailed',
      '2 steps failed\n- step "a" failed: StoreRejected: no\n- step "b" failed: ExecutionFailed: no',
    ),
    ["titanflow retry --rerun 'pipeline/my prices/k'"],
  ],
  ['a store', failed('StoreRejected'), ["titanflow retry 'pipeline/my prices/k'"]],
  ['a bad input', failed('InvalidInput', 'no', {}), []],
  ['a person', { kind: 'cancelled' } as const, ["titanflow retry 'pipeline/my prices/k'"]],
])('after an end by %s leads on', (_, outcome, commands) => {
  expect(nextCommands(ID, outcome).map(({ command }) => command)).toEqual(commands);
});

it('a message that only speaks of a gate is not held by one', () => {
  expect(isHeldByGate({ type: 'ExecutionFailed', message: 'the page says: ExpectationFailed: x' })).toBe(false);
});
