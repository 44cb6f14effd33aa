const SHORTHANDS: Readonly<Record<string, number>> = { '@hourly': 24 };

/**
 * How often a cron expression fires on a day on which it does: what one day can cost at most. The fields for days only
 * say which days those are.
 */
export function firesADay(cron: string): number {
  if (cron.startsWith('@')) return SHORTHANDS[cron] ?? 1;
  const fields = cron.trim().split(/\s+/);
  const [second = '0', minute = '*', hour = '*'] = fields.length === 7 ? fields : ['0', ...fields];
  return count(second, 60) * count(minute, 60) * count(hour, 24);
}

/** Of `*`, `3`, `1-5`, each with or without a step, and lists of them. */
function count(field: string, values: number): number {
  const hits = field.split(',').flatMap((part) => {
    const [range = '*', step = '1'] = part.split('/');
    const [from = 0, to = part.includes('/') ? values - 1 : from] =
      range === '*' ? [0, values - 1] : range.split('-').map(Number);
    return Array.from(
      { length: Math.floor((to - from) / Number(step)) + 1 },
      (_, index) => from + index * Number(step),
    );
  });
  return new Set(hits).size;
}
