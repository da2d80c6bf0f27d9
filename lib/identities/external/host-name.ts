const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;

/**
 * A host name as it is compared: lower case, IDN as ASCII, no dot at its end. Null for what is none: an address, a URL,
 * a name with a port.
 */
export function foldHost(text: string): string | null {
  const written = text.trim().replace(/\.$/, '');
  if (written === '' || written.length > 253 || /[\s/:@?#\\%[\]*]/.test(written)) return null;
  const url = `https://${written}/`;
  if (!URL.canParse(url)) return null;
  const host = new URL(url).hostname;
  const labels = host.split('.');
  // What ends in a number is an address to whoever connects, however it is written.
  if (!labels.every((each) => label.test(each)) || /^\d+$/.test(labels.at(-1) ?? '')) return null;
  return host.length <= 253 ? host : null;
}

/** The same, where one label in front may be `*`. Never of a whole top-level domain. */
export function foldHostRule(text: string): string | null {
  const written = text.trim();
  if (!written.startsWith('*.')) return foldHost(written);
  const rest = foldHost(written.slice(2));
  return rest?.includes('.') === true ? `*.${rest}` : null;
}

/** Whether a folded host is one of these. `*.` stands for exactly one label (RFC 6125, section 6.4.3). */
export function isOneOf(host: string, rules: readonly string[]): boolean {
  const dot = host.indexOf('.');
  return rules.includes(host) || (dot > 0 && rules.includes(`*${host.slice(dot)}`));
}

export const isWildcard = (rule: string): boolean => rule.startsWith('*.');
