/** The clocks of a time zone. */
export interface ZonedClock {
  /** Returns how far they are ahead of UTC, milliseconds. */
  offsetAt(time: number): number;
}

/** @param timezone name of the IANA database */
export function createZonedClock(timezone: string): ZonedClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    offsetAt(time) {
      const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
      const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
      const [year, month, day] = [part('year'), part('month') - 1, part('day')];
      return (
        Date.UTC(year, month, day, part('hour'), part('minute'), part('second')) - Math.floor(time / 1_000) * 1_000
      );
    },
  };
}
