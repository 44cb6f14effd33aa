/** A stretch of a schedule's times, both ends part of it: Unix milliseconds. */
interface BackfillRange {
  readonly start: number;
  readonly end: number;
}

/** What is asked for at once. */
export interface BackfillChunk {
  readonly ranges: readonly BackfillRange[];
  /** How many runs that makes. */
  readonly runs: number;
}

export interface BackfillPlan {
  readonly chunks: readonly BackfillChunk[];
  readonly runs: number;
  /** Times that have a run already: they are left out, because a second one would be paid for again. */
  readonly startedBefore: number;
}

/**
 * Cuts the times of a schedule that no run was started for into chunks.
 *
 * @param from where the backfill begins: part of it
 * @param jitterMs how much later than meant a time may be
 * @param times when the schedule fires, jitter included, in order
 * @param started times without jitter for which there is a run, in order
 */
export function planBackfill(
  from: number,
  times: readonly number[],
  started: readonly number[],
  jitterMs: number,
  { mostRuns, mostRanges } = LIMITS,
): BackfillPlan {
  const isStarted = times.map((time, index) => {
    // Jitter only delays, and never past the next time: without it, a time lies behind the one before it with it.
    const earliest = Math.max(time - jitterMs, (times[index - 1] ?? Number.NEGATIVE_INFINITY) + 1);
    return started.some((meant) => meant >= earliest && meant <= time);
  });
  const chunks: { ranges: BackfillRange[]; runs: number }[] = [];
  let isOpen = false;
  for (const [index, end] of times.entries()) {
    if (isStarted[index] === true) {
      isOpen = false;
      continue;
    }
    let chunk = chunks.at(-1);
    if (chunk === undefined || chunk.runs === mostRuns || (!isOpen && chunk.ranges.length === mostRanges)) {
      chunk = { ranges: [], runs: 0 };
      chunks.push(chunk);
      isOpen = false;
    }
    const open = isOpen ? chunk.ranges.pop() : undefined;
    // Without its jitter a time is later than the time before it with its own.
    const start = open?.start ?? Math.max(from, (times[index - 1] ?? from - 1) + 1);
    chunk.ranges.push({ start, end });
    chunk.runs += 1;
    isOpen = true;
  }
  const runs = chunks.reduce((sum, chunk) => sum + chunk.runs, 0);
  return { chunks, runs, startedBefore: times.length - runs };
}

/** Temporal keeps at most 1,000 starts of a schedule waiting, and drops what comes beyond. */
const LIMITS = { mostRuns: 500, mostRanges: 50 };
