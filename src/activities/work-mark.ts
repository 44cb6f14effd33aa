import type { Attempt } from './attempt.js';

/** Heartbeat details of an export or a publication: whoever describes the workflow can see them. */
export interface WorkMark {
  /** Rows that have gone to the store. */
  readonly rows?: number;
  /** The lock, turn or answer that the work waits for, and since when; RFC 3339. */
  readonly waitingFor?: string;
  readonly waitingSince?: string;
}

export function createWorkMark({ report, note }: Pick<Attempt, 'report' | 'note'>) {
  let mark: WorkMark = {};
  // The mark of the last attempt no longer holds.
  note(mark);
  return {
    rows(rows: number): void {
      mark = { ...mark, rows };
      note(mark);
    },
    waitingFor(waitingFor: string | undefined): void {
      if (waitingFor === mark.waitingFor) return;
      const { rows, waitingSince = new Date().toISOString() } = mark;
      const wait = waitingFor === undefined ? {} : { waitingFor, waitingSince };
      mark = { ...(rows === undefined ? {} : { rows }), ...wait };
      report(mark);
    },
  };
}
