import { ApplicationFailure } from '@temporalio/workflow';
import { jsonBytes, LARGEST_INPUT_BYTES } from '../domain/sizes.js';

/** Refuses an input before it is handed on: with what we add, Temporal would refuse it again and again. */
export function refuseTooLarge(input: unknown): void {
  const bytes = jsonBytes(input);
  if (bytes <= LARGEST_INPUT_BYTES) return;
  throw ApplicationFailure.nonRetryable(
    `the input has ${bytes} bytes; at most ${LARGEST_INPUT_BYTES}: store lists elsewhere, or feed them to a task with \`forEach\``,
    'InvalidInput',
  );
}
