const EXAMPLE = 'postgres://user:password@host:5432/database';

/**
 * Returns what keeps a text from being the URL of a Postgres database; undefined if nothing does. No answer repeats the
 * text. A password that is not percent-encoded ends the address early, and its rest would be taken for a host, and
 * shown as one.
 */
export function faultInPostgresUrl(text: string): string | undefined {
  const [, afterScheme] = /^postgres(?:ql)?:\/\/(.*)$/su.exec(text) ?? [];
  if (afterScheme === undefined) return `must be a URL such as ${EXAMPLE} (not shown, it may hold a password)`;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007F]/.test(text)) return `holds a blank or a line break (not shown); ${ENCODE}`;
  const rest = afterScheme.replace(/^[^/?#]*/u, '');
  if (rest.includes('@') || rest.includes('#')) return `has an @ or a # behind its host (not shown); ${ENCODE}`;
  if (!isEncoded(text)) return `has a % that encodes nothing (not shown); ${ENCODE}`;
  return URL.canParse(text) ? undefined : `must be a URL such as ${EXAMPLE} (not shown); ${ENCODE}`;
}

const ENCODE = 'write the signs / ? # @ % of a user or a password as %2F %3F %23 %40 %25';

/** Returns the passwords in a URL, both as written there and decoded. */
export function passwordsIn(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  const others = ['password', 'sslpassword'].flatMap((name) => searchParams.getAll(name));
  return [password, isEncoded(password) ? decodeURIComponent(password) : '', ...others].filter((text) => text !== '');
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
