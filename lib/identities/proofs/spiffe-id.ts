import { ok, type Result, refused } from '@/lib/core/result';

export type SpiffeId = {
  /** As it is written: `spiffe://example.org/agents/returns`. */
  readonly id: string;
  readonly trustDomain: string;
  /** `/agents/returns`; empty for a trust domain itself, which no workload is. */
  readonly path: string;
};

const SCHEME = 'spiffe://';
const ID_BYTES_MAX = 2048;
const TRUST_DOMAIN_MAX = 255;
const domainCharacters = /^[a-z0-9._-]+$/;
const segmentCharacters = /^[a-zA-Z0-9._-]+$/;

/** Whether this can be the name of a trust domain: `example.org`, without a scheme. */
export const isTrustDomain = (text: string): boolean =>
  text.length <= TRUST_DOMAIN_MAX && domainCharacters.test(text);

/**
 * A SPIFFE id to the letter (SPIFFE-ID, section 2): nothing is decoded, folded or mended, or two texts would mean one
 * workload. A workload's has a path; the message of a refusal says what of it is wrong.
 */
export function parseWorkloadId(text: string): Result<SpiffeId, 'invalid'> {
  const wrong = (what: string) =>
    refused('invalid', `${quoted(text)} is not the SPIFFE id of a workload: ${what}`);
  if (Buffer.byteLength(text) > ID_BYTES_MAX)
    return wrong(`it is longer than ${ID_BYTES_MAX} bytes.`);
  if (!text.startsWith(SCHEME)) return wrong(`it does not begin with "${SCHEME}".`);
  if (text.includes('%')) return wrong('it has percent-encoding in it, which SPIFFE ids have not.');
  if (/[?#]/.test(text)) return wrong('it has a query or a fragment.');
  const rest = text.slice(SCHEME.length);
  const slash = rest.indexOf('/');
  const trustDomain = slash < 0 ? rest : rest.slice(0, slash);
  if (/[@:]/.test(trustDomain)) return wrong('its trust domain has a user or a port.');
  if (!isTrustDomain(trustDomain))
    return wrong(
      `its trust domain is not 1 to ${TRUST_DOMAIN_MAX} lower-case letters, digits, dots, dashes or underscores.`,
    );
  if (slash < 0) return wrong('it has no path, so it means the whole trust domain.');
  const path = rest.slice(slash);
  for (const segment of path.slice(1).split('/')) {
    if (segment === '') return wrong('its path has an empty segment, or ends with a slash.');
    if (segment === '.' || segment === '..') return wrong('its path has a segment "." or "..".');
    if (!segmentCharacters.test(segment))
      return wrong(
        'its path has other characters than letters, digits, dots, dashes, underscores.',
      );
  }
  return ok({ id: text, trustDomain, path });
}

const SHOWN_MAX = 120;
/** What a stranger wrote, as one short line of plain characters. */
function quoted(text: string): string {
  const plain = text.slice(0, SHOWN_MAX).replace(/[^\x20-\x7e]/g, '?');
  return `"${plain}${text.length > SHOWN_MAX ? '…' : ''}"`;
}
