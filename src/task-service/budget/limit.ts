/** How many requests a window has. */
export interface Limit {
  /** Undefined = there is no limit. */
  readonly now: number | undefined;
  /** Reads the head of an answer; `isGood` = nothing stands between its headers and what the service wants to tell. */
  observe(headers: Headers, isGood: boolean, now: number): void;
}

/** What is configured (0 = none) holds until the service says otherwise, and again once it says nothing any more. */
export function createLimit(configured: number, windowMs: number): Limit {
  const unlessTold = configured > 0 ? configured : undefined;
  let told: number | undefined;
  let toldAt = -Infinity;

  return {
    get now() {
      return told ?? unlessTold;
    },
    observe(headers, isGood, now) {
      const limit = countIn(headers, 'x-ratelimit-limit');
      if (limit !== undefined && limit > 0) {
        told = limit;
        toldAt = now;
      } else if (isGood && now > toldAt + 2 * windowMs) {
        told = undefined;
      }
    },
  };
}

/** A whole number at the beginning of a header; some gateways put more behind it (`120, 120;w=60`). */
export function countIn(headers: Headers, name: string): number | undefined {
  const digits = /^\s*\d{1,9}(?!\d)/.exec(headers.get(name) ?? '');
  return digits ? Number(digits[0]) : undefined;
}
