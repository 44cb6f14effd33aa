import { createContext, Script } from 'node:vm';

/** Runs work that may never end by itself, such as a pattern that goes back in its text again and again. */
export interface TimeLimit {
  /**
   * Breaks the work off after so many milliseconds, wherever it is: none of its `finally` blocks run, and what it was
   * changing stays half changed.
   *
   * @returns whether it came to its end
   */
  within(milliseconds: number, work: () => void): boolean;
}

/**
 * Makes a limit out of `node:vm`, which has V8 stop a script from another thread. One call takes some 50 µs, so that many
 * records are judged in one.
 */
export function createTimeLimit(): TimeLimit {
  const scope = { work: (): void => undefined };
  const context = createContext(scope);
  const script = new Script('work()');
  return {
    within(milliseconds, work) {
      scope.work = work;
      try {
        script.runInContext(context, { timeout: milliseconds });
        return true;
      } catch (error) {
        if (isTimeout(error)) return false;
        throw error;
      }
    },
  };
}

/** Whether the time ran out. In a thread the error is an `Error` of the script's own context. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
