import { isGrpcServiceError, type Client } from '@temporalio/client';

const ANSWERS_WITHIN_MS = 2_000;

/** gRPC's codes for: the call broke off, it took too long, the server has too much to do or is going down, nobody is there. */
const PASSING = new Set([1, 2, 4, 8, 13, 14]);

/** Whether a call failed for a reason that passes: the server is out of reach, or busy. */
export function isPassing(error: unknown): boolean {
  if (isGrpcServiceError(error)) return PASSING.has(error.code);
  return error instanceof Error && error.cause !== undefined && isPassing(error.cause);
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
