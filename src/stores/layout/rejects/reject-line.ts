import { z } from 'zod';

const rejectLine = z.object({
  run: z.string(),
  table: z.string(),
  execution: z.string(),
  row: z.number(),
  /** When the run's execution was created. */
  at: z.string(),
  reason: z.string(),
  raw: z.string(),
  replayedAt: z.string().exactOptional(),
});

/** A line of a file of rejects: the reject with its id, which is (run, table, execution, row). */
export type RejectLine = z.infer<typeof rejectLine>;

export function printReject(reject: RejectLine): string {
  return `${JSON.stringify(reject)}\n`;
}

export function parseReject(line: string): RejectLine {
  return rejectLine.parse(JSON.parse(line));
}
