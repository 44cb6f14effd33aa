/** 1: the run ended badly. 2: bad input, nothing was started. 3: a server could not be reached. */
export type ExitCode = 1 | 2 | 3;

/** A mistake or misfortune that the user can mend: shown as one clear line, never with a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
