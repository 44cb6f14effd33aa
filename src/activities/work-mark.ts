import type { Attempt } from './attempt.js';
import type { UnreadDocument } from './unread-export.js';

/** Heartbeat details of an export or a publication: whoever describes the workflow can see them. */
export interface WorkMark {
  /** Rows that have gone to the store. */
  readonly rows?: number;
  /** The lock, turn or answer that the work waits for, and since when; RFC 3339. */
  readonly waitingFor?: string;
  readonly waitingSince?: string;
  /** What an export could not read, for its next attempt to compare. */
  readonly unread?: UnreadDocument;
}

/** @param unread all of the last attempt's mark that still holds */
export function createWorkMark({ report, note }: Pick<Attempt, 'report' | 'note'>, unread?: UnreadDocument) {
  let mark: WorkMark = unread === undefined ? {} : { unread };
  note(mark);
  return {
    rows(rows: number): void {
      mark = { ...mark, rows };
      note(mark);
    },
    waitingFor(waitingFor: string | undefined): void {
      if (waitingFor === mark.waitingFor) return;
      const { waitingFor: _, waitingSince = new Date().toISOString(), ...others } = mark;
      mark = { ...others, ...(waitingFor === undefined ? {} : { waitingFor, waitingSince }) };
      report(mark);
    },
    unread(unread: UnreadDocument): void {
      mark = { ...mark, unread };
      report(mark);
    },
  };
}
