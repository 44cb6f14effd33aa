import { StagingError } from './staging.js';

/** Names come from ids that a server made up: each part must be a plain file name. @throws StagingError */
export function refuseOddName(name: string): void {
  if (!name.split('/').every(isPlain) || name === ID_FILE) {
    throw new StagingError('unavailable', `${JSON.stringify(name)} cannot be the name of a staged file`);
  }
}

function isPlain(part: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  return part !== '' && part.length <= 200 && !/^\.|[\\\u0000-\u001f]/.test(part);
}

/** Taken: in a directory the id of the place lies under this name. */
export const ID_FILE = 'id';
