/** What becomes of Ctrl-C while something is followed. */
export interface InterruptPlan {
  /** After the first, when no second one came; or by one after the second. */
  leave(): void;
  /** The first one has come. */
  askForMore(seconds: number): void;
  /** Called when a second one came in time. If it is absent, the first one leaves. */
  readonly cancel?: () => void;
}

const SECOND_WITHIN_MS = 3_000;
/** A key that is held down, or hit twice in haste, is one decision. */
const ONE_DECISION_MS = 300;

/** Calls back for each decision, with its number: several interrupts in quick succession are one. */
export function onDecisions(signals: readonly NodeJS.Signals[], decide: (count: number) => void): { end(): void } {
  let count = 0;
  let lastAt = -Infinity;
  const interrupt = (): void => {
    const now = performance.now();
    const isRepeated = now - lastAt < ONE_DECISION_MS;
    lastAt = now;
    if (isRepeated) return;
    count += 1;
    decide(count);
  };
  for (const signal of signals) process.on(signal, interrupt);
  return {
    end() {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}

export function onInterrupts(plan: InterruptPlan): { end(): void } {
  let leaving: NodeJS.Timeout | undefined;
  const decisions = onDecisions(['SIGINT'], (count) => {
    clearTimeout(leaving);
    if (plan.cancel === undefined || count > 2) plan.leave();
    else if (count === 2) plan.cancel();
    else {
      plan.askForMore(SECOND_WITHIN_MS / 1_000);
      leaving = setTimeout(plan.leave, SECOND_WITHIN_MS);
    }
  });
  return {
    end() {
      clearTimeout(leaving);
      decisions.end();
    },
  };
}
