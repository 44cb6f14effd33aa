/** Why a workflow cannot be retried, and what to do instead. Nothing was started. */
export class RetryRefused extends Error {
  override readonly name = 'RetryRefused';
}
