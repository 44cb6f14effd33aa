/** That a webhook did not take what it was sent. Its address may be a secret in itself: only its host is named. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  /** Of its answer; undefined: there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}
