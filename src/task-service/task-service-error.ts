export interface TaskServiceFacts {
  readonly method: string;
  /** Path with its `/api/v1`, without the query. */
  readonly path: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The envelope's `error.code`. */
  readonly code?: string;
  /**
   * Whether the answer was the service's own error envelope, and not that of something in between. Default: it was, where
   * the request was surely refused.
   */
  readonly isEnvelope?: boolean;
  /**
   * Whether the service may have acted on the request. False only where that is certain: it was never sent, or it
   * was refused.
   */
  readonly mayHaveTakenEffect: boolean;
  /** Whether an export lies at another host, which may not be asked, or refuses. Default false. */
  readonly isElsewhere?: boolean;
  /** The service asked for silence until then (from `X-RateLimit-Reset` or `Retry-After`). */
  readonly retryAfterMs?: number;
  /** An execution that a refusal carried: seen on rate-limit answers, and it is live and billed. */
  readonly executionId?: string;
}

/** A call to the Task Service that did not give what was asked for. The message holds all facts in one line. */
export class TaskServiceError extends Error implements TaskServiceFacts {
  override readonly name = 'TaskServiceError';
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly code?: string;
  readonly isEnvelope: boolean;
  readonly mayHaveTakenEffect: boolean;
  readonly isElsewhere: boolean;
  readonly retryAfterMs?: number;
  readonly executionId?: string;

  private readonly reason: string;

  constructor(facts: TaskServiceFacts, reason: string, options?: ErrorOptions) {
    const answer = [facts.status, facts.code].filter((part) => part !== undefined).join(' ');
    super(`${facts.method} ${facts.path}: ${answer === '' ? '' : `${answer}: `}${reason}`, options);
    this.reason = reason;
    this.method = facts.method;
    this.path = facts.path;
    this.isEnvelope = facts.isEnvelope ?? (facts.status !== undefined && !facts.mayHaveTakenEffect);
    this.mayHaveTakenEffect = facts.mayHaveTakenEffect;
    this.isElsewhere = facts.isElsewhere ?? false;
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.code !== undefined) this.code = facts.code;
    if (facts.retryAfterMs !== undefined) this.retryAfterMs = facts.retryAfterMs;
    if (facts.executionId !== undefined) this.executionId = facts.executionId;
  }

  /** Returns the same fact with more words. */
  saying(more: string): TaskServiceError {
    return new TaskServiceError(this, `${this.reason}; ${more}`, { cause: this.cause });
  }
}

/** A person has paused the task at the service. It waits to be resumed: a run of another task would be a way around. */
export class TaskPausedError extends Error {
  override readonly name = 'TaskPausedError';
  readonly taskId: string;

  constructor(taskId: string) {
    super(`task ${taskId} is paused at the service; resume it there`);
    this.taskId = taskId;
  }
}
