/**
 * An export that cannot be read as rows. `incomplete`: it is not proven whole, downloading it again may help (cut off,
 * damaged, an error in place of rows). `unusable`: it stays as it is, somebody has to change the task or its options.
 * Messages never hold data of the rows: they travel into histories.
 */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly reason: 'incomplete' | 'unusable';

  constructor(reason: 'incomplete' | 'unusable', message: string) {
    super(message);
    this.reason = reason;
  }
}
