import type { CancellationScope } from '@temporalio/workflow';

/** `scope` is cancelled when `caller` is, although it does not stand inside it. */
export function cancelWith(caller: CancellationScope, scope: CancellationScope): void {
  caller.cancelRequested.catch(() => scope.cancel());
}
