/** One request under `/api/v1`. No query, no headers, no body: nothing of a token or a secret. */
export interface LedgerRequest {
  /** When it came: RFC 3339 in UTC, to the millisecond. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** Such as `GET /tasks/:id`, or `unknown`. */
  readonly route: string;
  /** Of the answer, or of the one that a dropped request would have had. */
  readonly status: number;
  /** Whether its credential and the rate limit let it in. */
  readonly admitted: boolean;
  /** The name of the scripted fault that hit it, or its kind. */
  readonly fault?: string;
}

export interface LedgerExecution {
  readonly id: string;
  readonly taskId: string;
  readonly taskName: string;
  readonly status: string;
  readonly createdAt: string;
  readonly finishedAt?: string;
  /** Rows there are so far. */
  readonly rows: number;
  /** Files handed out: exports and downloads. */
  readonly exports: number;
  /** Names in the `secret_payload` of the call that started it; the values are not kept. */
  readonly secretNames?: readonly string[];
}

/** What the emulator has seen since it started. */
export interface Ledger {
  readonly startedAt: string;
  /** The last ones, 10,000 unless told otherwise, in the order of their answers. */
  readonly requests: readonly LedgerRequest[];
  /** Requests by route since the start, refused ones too. */
  readonly counts: Readonly<Record<string, number>>;
  /** Requests that the rate limit has refused since the start. */
  readonly limited: number;
  /** Requests that scripted faults have hit since the start, by name or kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Executions that a user would have paid for: all that a call has started. */
  readonly billed: number;
  /** Oldest first. */
  readonly executions: readonly LedgerExecution[];
}

export interface RequestLog {
  record(request: LedgerRequest): void;
  read(): Pick<Ledger, 'requests' | 'counts' | 'limited' | 'faults'>;
}

/** @param kept how many requests it can tell of */
export function createRequestLog(kept: number): RequestLog {
  let requests: LedgerRequest[] = [];
  const counts = new Map<string, number>();
  const faults = new Map<string, number>();
  let limited = 0;

  return {
    record(request) {
      counts.set(request.route, (counts.get(request.route) ?? 0) + 1);
      if (request.fault) faults.set(request.fault, (faults.get(request.fault) ?? 0) + 1);
      if (!request.admitted && request.status === 429) limited += 1;
      requests.push(request);
      // Cut seldom, because every cut copies.
      if (requests.length >= 2 * kept) requests = requests.slice(-kept);
    },
    read: () => ({
      requests: requests.slice(-kept),
      counts: Object.fromEntries(counts),
      limited,
      faults: Object.fromEntries(faults),
    }),
  };
}
