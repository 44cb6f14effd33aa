/**
 * An export that cannot be read as rows.
 *
 * - `incomplete`: it is cut off or damaged. Downloading it again may help, unless the same bytes come again.
 * - `no rows`: something else came in place of rows, such as a message. The results may still be put together.
 * - `unusable`: it stays as it is; somebody has to change the task or its options.
 *
 * Messages never hold data of the rows: they travel into histories. They may hold the names of properties.
 */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly reason: DocumentProblem;

  constructor(reason: DocumentProblem, message: string) {
    super(message);
    this.reason = reason;
  }
}

type DocumentProblem = 'incomplete' | 'no rows' | 'unusable';
