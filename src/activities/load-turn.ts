import type { Publication } from '../domain/run.js';
import type { Load } from '../stores/store.js';
import type { Attempt } from './attempt.js';
import type { Turns } from './turns.js';
import { createWorkMark } from './work-mark.js';

/** The part of a turn that its load sees. */
export type LoadTurn = Required<Pick<Load, 'signal' | 'waits' | 'onProgress'>>;

/** Loads when it is the table's turn, and tells by heartbeat how far that is, or what it waits for. */
export function inTurn<Result>(
  turns: Pick<Turns, 'run'>,
  { store, table }: Publication,
  attempt: Attempt,
  load: (turn: LoadTurn) => Promise<Result>,
): Promise<Result> {
  const { signal } = attempt;
  const mark = createWorkMark(attempt);
  return turns.run({ group: store, key: table, attempt: attempt.number, signal, say: mark.waitingFor }, (waits) =>
    load({ signal, waits, onProgress: mark.rows }),
  );
}
