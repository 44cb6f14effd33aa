/** What becomes of Ctrl-C while something is followed. */
export interface InterruptPlan {
  /** After the first, when no second one came; or by one after the second. */
  leave(): void;
  /** The first one has come. */
  askForMore(seconds: number): void;
  /** A second one came in time. */
  cancel(): void;
}

const SECOND_WITHIN_MS = 3_000;

export function onInterrupts(plan: InterruptPlan): { end(): void } {
  let count = 0;
  let leaving: NodeJS.Timeout | undefined;

  function interrupt(): void {
    count += 1;
    clearTimeout(leaving);
    if (count === 1) {
      plan.askForMore(SECOND_WITHIN_MS / 1_000);
      leaving = setTimeout(plan.leave, SECOND_WITHIN_MS);
    } else if (count === 2) plan.cancel();
    else plan.leave();
  }

  process.on('SIGINT', interrupt);
  return {
    end() {
      clearTimeout(leaving);
      process.off('SIGINT', interrupt);
    },
  };
}
