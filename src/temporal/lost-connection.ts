import type { Client } from '@temporalio/client';
import { refusalIn } from './refusal.js';

const ANSWERS_WITHIN_MS = 2_000;

/** Whether a call failed for a reason that passes: the server is out of reach, or busy. */
export function isPassing(error: unknown): boolean {
  return refusalIn(error)?.kind === 'passing';
}

/** Whether the Temporal server answers at all. */
export async function answers(client: Client): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () => client.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
