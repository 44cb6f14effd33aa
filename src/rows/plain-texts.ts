/** Sources of regular expressions, each for the texts of one format that are mostly there. None needs a flag. */

/** Of a day that is in every year. */
export const PLAIN_DAY = String.raw`[1-9]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)`;
/** In UTC, to the microsecond. */
export const PLAIN_MOMENT = String.raw`${PLAIN_DAY}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z`;
export const PLAIN_URI = String.raw`https?:\/\/[A-Za-z\d.-]+(?::\d{1,5})?(?:\/[\w\-.~!$&'()*+,;=:@/]*)?(?:\?[\w\-.~!$&'()*+,;=:@/?]*)?`;
export const PLAIN_EMAIL = String.raw`[\w-]+(?:\.[\w-]+)*@(?:[A-Za-z\d]+\.)+[A-Za-z\d]+`;
export const PLAIN_UUID = String.raw`[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}`;
