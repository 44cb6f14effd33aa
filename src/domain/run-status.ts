/** How a workflow stands, as users read and write it. */
export const RUN_STATUSES = ['running', 'completed', 'failed', 'cancelled', 'terminated', 'timed-out'] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/** @param name as Temporal's client calls it, e.g. `TIMED_OUT` */
export function runStatus(name: string): RunStatus {
  const plain = name.toLowerCase().replace('_', '-');
  return RUN_STATUSES.find((status) => status === plain) ?? 'running';
}
