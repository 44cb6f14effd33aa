import { cutForeign } from '../domain/foreign-text.js';
import { DocumentError } from './document-error.js';
import { pointerStep } from './local-reference.js';

/** What is wrong with a schema, and where. */
export interface SchemaFault {
  /** Keys and positions down to it; empty: the whole schema, or nobody knows. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** An `output_schema` by which no record can be judged. */
export class SchemaError extends DocumentError {
  readonly fault: SchemaFault;

  constructor({ path, message }: SchemaFault) {
    const said = cutForeign(message);
    const place = path.map((part) => decodeURIComponent(pointerStep(String(part)))).join('');
    super('unusable', cutForeign(`the output_schema cannot be used: ${place === '' ? '' : `${place}: `}${said}`));
    this.fault = { path, message: said };
  }
}
