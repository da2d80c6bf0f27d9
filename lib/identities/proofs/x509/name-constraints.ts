import type { GeneralSubtree, NameConstraints } from '@peculiar/asn1-x509';
import { type Certificate, formOf } from './certificate';

const CONSTRAINTS_MAX = 200;

/**
 * Whether the names of a certificate keep to the constraints of an authority above it (RFC 5280, section 4.2.1.10):
 * null, or what of it does not. Constraints of URIs, DNS names and e-mail names are honoured; one of another form
 * refuses every certificate that has a name of that form.
 */
export function breachOf(certificate: Certificate, constraints: NameConstraints): string | null {
  const permitted = [...(constraints.permittedSubtrees ?? [])];
  const excluded = [...(constraints.excludedSubtrees ?? [])];
  const all = [...permitted, ...excluded];
  if (all.length > CONSTRAINTS_MAX) return `has more than ${CONSTRAINTS_MAX} constraints of names`;
  if (all.some(({ minimum, maximum }) => minimum !== 0 || maximum !== undefined))
    return 'bounds names by a distance, which nothing understands';
  const { names, subject } = certificate;
  for (const { base } of all) {
    const form = formOf(base);
    if (form in within) continue;
    if (names.otherForms.has(form) || (form === 'directoryName' && subject !== ''))
      return `constrains names of a form that is not checked here (${form})`;
  }
  const shown: [Form, readonly string[]][] = [
    ['uniformResourceIdentifier', names.uris],
    ['dNSName', names.dns],
    ['rfc822Name', [...names.emails, ...names.subjectEmails]],
  ];
  if (basesOf(all, 'rfc822Name').length > 0 && names.subjectEmails.some((text) => !isEmail(text)))
    return 'constrains e-mail names, and one in the subject cannot be read';
  for (const [form, texts] of shown)
    for (const text of texts) {
      if (basesOf(permitted, form).length > 0 && !isWithinAny(text, form, permitted))
        return 'does not permit a name that it has';
      if (isWithinAny(text, form, excluded)) return 'excludes a name that it has';
      if (form === 'uniformResourceIdentifier' && hostOf(text) === null)
        if (basesOf(all, form).length > 0) return 'constrains the host of URIs, and one has none';
    }
  return null;
}

type Form = keyof typeof within;

const isEmail = (text: string): boolean => /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(text);

const basesOf = (subtrees: readonly GeneralSubtree[], form: Form): string[] =>
  subtrees.flatMap(({ base }) => base[form] ?? []);

const isWithinAny = (text: string, form: Form, subtrees: readonly GeneralSubtree[]): boolean =>
  basesOf(subtrees, form).some((base) => within[form](text, base.toLowerCase()));

const within = {
  /** A host itself, or with a leading dot all below it. */
  uniformResourceIdentifier(text: string, base: string): boolean {
    const host = hostOf(text);
    return host !== null && isHostWithin(host, base);
  },
  /** A name itself and all below it. */
  dNSName(text: string, base: string): boolean {
    const bare = base.replace(/^\./, '');
    if (bare === '') return true;
    const name = text.toLowerCase();
    return name.endsWith(`.${bare}`) || (name === bare && !base.startsWith('.'));
  },
  /** One mailbox, all of a host, or with a leading dot all below it. */
  rfc822Name(text: string, base: string): boolean {
    const at = text.lastIndexOf('@');
    const host = text.slice(at + 1).toLowerCase();
    if (base.includes('@')) return `${text.slice(0, at)}@${host}`.toLowerCase() === base;
    return isHostWithin(host, base);
  },
} as const;

const isHostWithin = (host: string, base: string): boolean =>
  base === '' || (base.startsWith('.') ? host.endsWith(base) : host === base);

/** The host of a URI; none where there is no authority, or an address in its place. */
function hostOf(uri: string): string | null {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1];
  const host = authority?.replace(/^.*@/, '').replace(/:\d*$/, '').toLowerCase();
  if (host === undefined || host === '' || host.includes(':')) return null;
  return /^\d+(\.\d+){3}$/.test(host) ? null : host;
}
