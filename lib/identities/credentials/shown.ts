import { ok, type Result, refused } from '@/lib/core/result';
import { canonicalJson } from '@/lib/log/canonical';
import { parseWorkloadId } from '../proofs/spiffe-id';
import { CertificateRule, type certificateMatches, type FederatedRule } from './schema';

type Shown<Rule = null> = Result<{ subject: string; rule: Rule }, 'unfit'>;
const unfit = (message: string) => refused('unfit', message);

/** A SPIFFE id of this trust domain, as an SVID of it shows it. */
export function shownBySvid(text: string, trustDomain: string): Shown {
  const parsed = parseWorkloadId(text);
  if (!parsed.ok) return unfit(parsed.message);
  const { id, trustDomain: named } = parsed.value;
  if (named !== trustDomain)
    return unfit(
      `This SPIFFE id is of the trust domain ${named}, and the authority chosen vouches for ${trustDomain} alone.`,
    );
  return ok({ subject: id, rule: null });
}

const subjectMax = 2048;
type Match = (typeof certificateMatches)[number];
const hostName =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** What of a certificate names its holder; a thumbprint may be written in hexadecimal, as most tools do. */
export function shownByCertificate(match: Match, text: string): Shown<CertificateRule> {
  const value = match === 'thumbprint' ? thumbprintOf(text) : text;
  if (value === null)
    return unfit('A thumbprint is the SHA-256 of a certificate: 64 hexadecimal digits.');
  if (match === 'san_dns' && !hostName.test(value))
    return unfit('A DNS name is written in lower case, without a wildcard: agent.example.org.');
  if (match === 'san_email' && !/^[^\s@]+@[^\s@]+$/.test(value))
    return unfit('An e-mail name has one @ in it.');
  if (match === 'san_uri' && !URL.canParse(value)) return unfit('A URI name begins with a scheme.');
  const subject = `${match}:${value}`;
  if (subject.length > subjectMax) return unfit('What the certificate shows is too long.');
  return ok({ subject, rule: CertificateRule.parse({ match, value }) });
}

/** Colons and capitals do not matter; base64url is taken as it is. */
function thumbprintOf(text: string): string | null {
  const hex = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return Buffer.from(hex, 'hex').toString('base64url');
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? text : null;
}

/** A rule in one order, so that the same rule is the same text. */
export function shownByToken(given: FederatedRule): Shown<FederatedRule> {
  const names = given.claims.map(({ name }) => name);
  if (new Set(names).size < names.length)
    return unfit('A claim stands twice in this rule. Name each once, with all its values.');
  const rule = {
    audience: given.audience,
    claims: given.claims
      .map(({ name, values }) => ({ name, values: [...new Set(values)].sort() }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
  const subject = canonicalJson(rule);
  if (subject.length > subjectMax) return unfit('This rule is too long: 2,048 characters at most.');
  return ok({ subject, rule });
}

/** Whether one token could fit both: then it would mean two identities. */
export function overlap(one: FederatedRule, other: FederatedRule): boolean {
  if (one.audience !== other.audience) return false;
  return one.claims.every(({ name, values }) => {
    const same = other.claims.find((claim) => claim.name === name);
    return same === undefined || values.some((value) => same.values.includes(value));
  });
}
