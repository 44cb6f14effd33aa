import type { FailureType } from '../domain/failures.js';
import { executionIdIn } from '../domain/ids.js';
import { shellCommand } from '../domain/shell-command.js';
import type { Outcome } from './outcome.js';

/** A command that leads on from a bad end, and what it does. */
export interface NextCommand {
  readonly does: string;
  readonly command: string;
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

/** Ends after which the service has nothing good to export: only another paid run helps. */
const LOST: readonly FailureType[] = ['ExecutionFailed', 'ExecutionCancelled', 'DeadlineExceeded', 'RunOutcomeUnknown'];

/** Returns whether a gate holds a run, or a step of it. */
export function isHeldByGate({ type, message }: Pick<Failed, 'type' | 'message'>): boolean {
  return isOf(['ExpectationFailed'], type, message);
}

/** Returns what a person can do about a run that did not end well, each command with its id. */
export function nextCommands(workflowId: string, outcome: Exclude<Outcome, { kind: 'swept' }>): readonly NextCommand[] {
  if (outcome.kind === 'completed') return [];
  const retry = { does: 'go on', command: shellCommand('retry', workflowId) };
  if (outcome.kind !== 'failed') return [retry];
  const { type, message, details } = outcome;
  const { executionId, rejected = 0 } = details;
  if (type === 'InvalidInput' && executionId === undefined) return [];
  const isHeld = isHeldByGate(outcome);
  const isLost = isOf(LOST, type, message);
  return [
    ...(isHeld ? [{ does: 'publish it as it is', command: shellCommand('release', workflowId) }] : []),
    ...(isHeld && rejected > 0 && executionId !== undefined
      ? [{ does: 'see its rejects', command: shellCommand('rejects show', executionId) }]
      : []),
    ...(isLost && executionIdIn(workflowId) === undefined
      ? [{ does: 'pay for it again', command: shellCommand('retry --rerun', workflowId) }]
      : []),
    ...(isHeld || isLost ? [] : [retry]),
  ];
}

/** A pipeline's failure says those of its steps. */
function isOf(types: readonly FailureType[], type: string, message: string): boolean {
  return types.some(
    (each) => each === type || new RegExp(`step "[^"\\n]+" failed: (StepFailed: )?${each}:`, 'u').test(message),
  );
}
