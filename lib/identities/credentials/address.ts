import { z } from 'zod';
import { list, one, type Params, shorten } from '@/lib/inventory/address';
import { type CredentialKind, credentialKinds, type ProofClass, proofClasses } from './schema';

export const credentialViews = ['live', 'expired', 'revoked', 'all'] as const;
/** What a board counts, and leads to. */
export const credentialNeeds = [
  'ends7',
  'ends30',
  'ends90',
  'unused',
  'new_network',
  'bearer',
] as const;
export type CredentialNeed = (typeof credentialNeeds)[number];

export type CredentialFilter = {
  state: (typeof credentialViews)[number];
  kind: CredentialKind[];
  class: ProofClass[];
  /** Only live ones. */
  needs: CredentialNeed | null;
  identity: string | null;
  /** Part of a name, of an identity, or of what a proof shows. */
  q: string;
};

/** The row at the edge of a page. */
export type CredentialCursor = { direction: 'before' | 'after'; endsMs: number; id: string };

/** What the address of the page says. */
export type CredentialsView = {
  filter: CredentialFilter;
  cursor: CredentialCursor | null;
  /** Whose panel is open. */
  credential: string | null;
  /** One sentence per parameter that was not understood; none is dropped silently. */
  problems: string[];
};

const known = new Set([
  'state',
  'kind',
  'class',
  'needs',
  'identity',
  'q',
  'before',
  'after',
  'credential',
]);
const searchMax = 200;

export const emptyCredentialFilter = (): CredentialFilter => ({
  state: 'live',
  kind: [],
  class: [],
  needs: null,
  identity: null,
  q: '',
});

/** Reads an address. Never throws: what is not understood becomes a sentence. */
export function parseCredentialsView(params: Params): CredentialsView {
  const problems: string[] = [];
  for (const name of Object.keys(params))
    if (!known.has(name) && !name.startsWith('_'))
      problems.push(`The address names “${shorten(name)}”, which this page does not know.`);
  const among = <Value extends string>(name: string, values: readonly Value[]): Value | null => {
    const given = one(params, name, problems);
    const found = values.find((each) => each === given) ?? null;
    if (given !== null && given !== '' && found === null)
      problems.push(`${name}=${shorten(given)} is not known. It is one of: ${values.join(', ')}.`);
    return found;
  };
  const many = <Value extends string>(name: string, values: readonly Value[]): Value[] =>
    values.filter((value) => {
      const given = list(params[name]).filter((each) => each !== '');
      const wrong = given.find((each) => !values.some((known) => known === each));
      if (wrong !== undefined && value === values[0])
        problems.push(
          `${name}=${shorten(wrong)} is not known. It is one of: ${values.join(', ')}.`,
        );
      return given.includes(value);
    });
  const id = (name: string): string | null => {
    const given = one(params, name, problems);
    if (given === null || given === '' || z.guid().safeParse(given).success) return given || null;
    problems.push(`${name}=${shorten(given)} is no id.`);
    return null;
  };
  return {
    filter: {
      state: among('state', credentialViews) ?? 'live',
      kind: many('kind', credentialKinds),
      class: many('class', proofClasses),
      needs: among('needs', credentialNeeds),
      identity: id('identity'),
      q: (one(params, 'q', problems) ?? '').replaceAll('\0', '').trim().slice(0, searchMax),
    },
    cursor: readCursor(params, problems),
    credential: id('credential'),
    problems,
  };
}

function readCursor(params: Params, problems: string[]): CredentialCursor | null {
  for (const direction of ['before', 'after'] as const) {
    const given = one(params, direction, problems);
    if (given === null) continue;
    const [, ms, id] = /^(\d{1,15})_([0-9a-f-]{36})$/.exec(given) ?? [];
    if (ms !== undefined && id !== undefined && z.guid().safeParse(id).success)
      return { direction, endsMs: Number(ms), id };
    problems.push(`${direction}=${shorten(given)} is no place in this list.`);
  }
  return null;
}

/** The address of a view; what is usual is left out. */
export function credentialsHref({
  filter = {},
  cursor = null,
  credential = null,
}: {
  filter?: Partial<CredentialFilter>;
  cursor?: CredentialCursor | null;
  credential?: string | null;
} = {}): string {
  const search = new URLSearchParams();
  const { state = 'live', kind = [], class: classes = [], needs = null, identity, q } = filter;
  if (state !== 'live') search.set('state', state);
  for (const each of kind) search.append('kind', each);
  for (const each of classes) search.append('class', each);
  if (needs !== null) search.set('needs', needs);
  if (identity) search.set('identity', identity);
  if (q) search.set('q', q);
  if (cursor !== null) search.set(cursor.direction, `${cursor.endsMs}_${cursor.id}`);
  if (credential !== null) search.set('credential', credential);
  const text = search.toString();
  return text === '' ? '/credentials' : `/credentials?${text}`;
}
