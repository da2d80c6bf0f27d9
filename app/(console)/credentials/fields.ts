import type { NewCredential } from '@/lib/identities/credentials/schema';
import { linesIn, numberIn, textIn } from '../fields';

/** What was filled in of a credential, by its kind; what of it is unfit is refused by the schema. */
export function credentialIn(form: FormData): NewCredential {
  const kind = textIn(form, 'kind');
  const of = { name: textIn(form, 'name'), days: numberIn(form, 'days') };
  const text = (field: string) => textIn(form, field);
  switch (kind) {
    case 'x509_svid':
    case 'jwt_svid':
      return { kind, ...of, anchorId: text('anchorId'), spiffeId: text('spiffeId') };
    case 'certificate':
      return {
        kind,
        ...of,
        anchorId: text('anchorId'),
        // What is none of them is refused by the schema.
        match: text('match') as 'subject',
        value: text('value'),
      };
    case 'federated':
      return {
        kind,
        ...of,
        issuerId: text('issuerId'),
        audience: text('audience'),
        claims: claimsIn(form),
      };
    case 'public_key':
      return { kind, ...of, key: text('key') };
    case 'placement':
      return { kind, ...of, networkId: text('networkId') };
    case 'client_secret':
      return { kind, ...of, reason: text('reason') };
    default:
      // Likewise.
      return { kind: kind as 'ingest_key', ...of };
  }
}

/** Those that have a field of their own, and `name=value` by line. */
function claimsIn(form: FormData): { name: string; values: string[] }[] {
  const claims = new Map<string, string[]>();
  const add = (name: string, value: string) =>
    claims.set(name, [...(claims.get(name) ?? []), value]);
  for (const field of form.keys())
    if (field.startsWith('claim:')) add(field.slice('claim:'.length), textIn(form, field));
  for (const line of linesIn(form, 'claims')) {
    const [name = '', ...value] = line.split('=');
    add(name.trim(), value.join('=').trim());
  }
  return Array.from(claims, ([name, values]) => ({ name, values }));
}
