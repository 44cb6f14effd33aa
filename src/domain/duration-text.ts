const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
] as const;

/** A duration as a pipeline file would say it, exactly: `1 hour`, `90 minutes`. */
export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return 'none';
  const [name, size] = UNITS.find(([, size]) => milliseconds % size === 0) ?? ['millisecond', 1];
  const count = milliseconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
