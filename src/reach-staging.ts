import { openStaging, type StagingPlace } from './staging/open-staging.js';
import { StagingError, type Staging } from './staging/staging.js';
import { UserError } from './user-error.js';

/** @throws UserError that says what to mend where the place cannot be used */
export async function reachStaging(place: StagingPlace): Promise<Staging> {
  try {
    return await openStaging(place);
  } catch (error) {
    if (error instanceof StagingError) throw new UserError(3, error.message);
    throw error;
  }
}
