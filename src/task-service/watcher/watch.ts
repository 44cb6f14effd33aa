import type { Execution } from '../wire.js';

export interface Watch {
  readonly executionId: string;
  readonly signal: AbortSignal;
  /** Whether the wait ends here, although the execution has not ended. */
  readonly until: (execution: Execution) => boolean;
  /** Called after every look at the service. */
  readonly onLook: (execution: Execution, nextLookInMs: number) => void;
  /** Called when the service could not be asked; ends the wait if it throws. */
  readonly onTrouble: (error: unknown, nextLookInMs: number) => void;
}

/** Somebody who waits for an execution. What a callback throws ends this wait, and no other. */
export interface Waiter {
  see(execution: Execution, hasEnded: boolean, nextLookInMs: number): void;
  trouble(error: unknown, nextLookInMs: number): void;
  fail(error: unknown): void;
}

interface Settling {
  readonly resolve: (execution: Execution) => void;
  readonly reject: (error: unknown) => void;
  /** Called once, when the wait is over. */
  readonly onSettled: (waiter: Waiter) => void;
}

export function createWaiter(watch: Watch, { resolve, reject, onSettled }: Settling): Waiter {
  const onAbort = (): void => waiter.fail(watch.signal.reason);
  const settle = (): void => {
    watch.signal.removeEventListener('abort', onAbort);
    onSettled(waiter);
  };
  const guarded = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      waiter.fail(error);
    }
  };
  const waiter: Waiter = {
    see: (execution, hasEnded, nextLookInMs) =>
      guarded(() => {
        if (!hasEnded && !watch.until(execution)) {
          watch.onLook(execution, nextLookInMs);
          return;
        }
        settle();
        resolve(execution);
      }),
    trouble: (error, nextLookInMs) => guarded(() => watch.onTrouble(error, nextLookInMs)),
    fail(error) {
      settle();
      reject(error);
    },
  };
  watch.signal.addEventListener('abort', onAbort);
  return waiter;
}
