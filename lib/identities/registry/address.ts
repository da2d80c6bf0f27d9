import { list, one, type Params, shorten } from '@/lib/inventory/address';
import type { ZoneEnvironment } from '@/lib/zones/schema';
import type { identityKinds, identityStates } from '../schema';
import type { trustLevels } from '../trust/schema';
import { type RegistryField, registryExamples, registryFieldNames, registryFields } from './fields';
import { type IdentitySort, identitySorts } from './schema';
import { type RegistryTerms, readRegistryTerms } from './terms';

export type RegistryFilter = {
  kind: (typeof identityKinds)[number][];
  /** With none, those in use: active or suspended. */
  state: (typeof identityStates)[number][];
  /** Ids or names, whatever their capitals; `none` for those without one. So of owner and zone. */
  team: string[];
  owner: string[];
  zone: string[];
  environment: ZoneEnvironment[];
  trust: (typeof trustLevels)[number][];
  tag: string[];
  /** `<2`, `>0` or `1`: how many kinds of proof it can show. */
  assurance: string[];
  /** `<7d`: a credential of it ends within so many days. */
  expires: string[];
  /** Nobody, or nobody who is still here, answers for it. */
  isUnowned: boolean;
  /** Parts of names, each of which must be found. */
  words: string[];
};

export type SortBy = IdentitySort['by'];

/** The place in the list that the page lies beside, as the list itself told it. */
type Cursor = { direction: 'before' | 'after'; place: string };

/** What the address of the page says. */
export type IdentitiesView = {
  filter: RegistryFilter;
  sort: SortBy;
  cursor: Cursor | null;
  /** What stands in the query bar and could not be taken as terms. */
  typed: string;
  /** One sentence per parameter or term that was not understood; none is dropped silently. */
  problems: string[];
  /** Whether the query bar held only good terms, which are now in `filter`: the address should say so. */
  hasNewTerms: boolean;
};

const valuesMax = 20;
const wordsMax = 5;
const known = new Set([...registryFieldNames, 'q', 'text', 'owned', 'sort', 'before', 'after']);

export const emptyRegistryFilter = (): RegistryFilter => ({
  kind: [],
  state: [],
  team: [],
  owner: [],
  zone: [],
  environment: [],
  trust: [],
  tag: [],
  assurance: [],
  expires: [],
  isUnowned: false,
  words: [],
});

/** Reads an address. Never throws: what is not understood becomes a sentence in `problems`. */
export function parseIdentitiesView(params: Params): IdentitiesView {
  const problems: string[] = [];
  const filter = emptyRegistryFilter();
  for (const name of Object.keys(params)) {
    if (!known.has(name) && !name.startsWith('_'))
      problems.push(`The address names “${shorten(name)}”, which this page does not know.`);
  }
  for (const field of registryFieldNames)
    for (const value of list(params[field])) addValue(filter, field, value, problems);
  for (const word of list(params.text)) addWord(filter, word, problems);
  const owned = one(params, 'owned', problems);
  if (owned === 'no') filter.isUnowned = true;
  else if (owned !== null) problems.push(`owned=${shorten(owned)} is not known; it says no.`);
  const query = readRegistryTerms(one(params, 'q', problems) ?? '');
  const bad = [...query.problems];
  addTerms(filter, query, bad);
  const sort = one(params, 'sort', problems);
  const found = identitySorts.find((each) => each === sort);
  if (sort !== null && found === undefined)
    problems.push(`sort=${shorten(sort)} is not known. It is one of: ${identitySorts.join(', ')}.`);
  return {
    filter,
    sort: found ?? 'name',
    cursor: readCursor(params, problems),
    typed: bad.length === 0 ? '' : query.typed,
    problems: [...problems, ...bad],
    hasNewTerms: bad.length === 0 && query.typed.trim() !== '',
  };
}

function addTerms(filter: RegistryFilter, query: RegistryTerms, problems: string[]): void {
  for (const { field, value } of query.terms) addValue(filter, field, value, problems);
  for (const word of query.words) addWord(filter, word, problems);
  if (query.isUnowned) filter.isUnowned = true;
}

function addValue(
  filter: RegistryFilter,
  field: RegistryField,
  value: string,
  problems: string[],
): void {
  if (!registryFields[field].safeParse(value).success || value.includes('\0')) {
    problems.push(
      `${field}:${shorten(value)} is not known. ${field} is one of: ${registryExamples[field]}.`,
    );
    return;
  }
  // The schema of this field has just accepted the value, which is what the list holds.
  const values = filter[field] as string[];
  if (values.includes(value)) return;
  if (values.length < valuesMax) values.push(value);
  else problems.push(`${field} takes at most ${valuesMax} values; ${shorten(value)} is left out.`);
}

function addWord(filter: RegistryFilter, word: string, problems: string[]): void {
  if (word.length > 200 || word.includes('\0'))
    problems.push('A word to look for in names has at most 200 characters.');
  else if (filter.words.includes(word)) return;
  else if (filter.words.length >= wordsMax)
    problems.push(`At most ${wordsMax} words are looked for; ${shorten(word)} is left out.`);
  else filter.words.push(word);
}

function readCursor(params: Params, problems: string[]): Cursor | null {
  const direction = list(params.after).length > 0 ? 'after' : 'before';
  const place = one(params, direction, problems);
  if (place === null || /^[A-Za-z0-9_-]{1,600}$/.test(place))
    return place === null ? null : { direction, place };
  problems.push(`${shorten(place)} names no page, so the first is shown.`);
  return null;
}

/** The parameters of a filter, in a fixed order. */
function searchOf(filter: RegistryFilter): URLSearchParams {
  const search = new URLSearchParams();
  for (const field of registryFieldNames)
    for (const value of filter[field]) search.append(field, value);
  if (filter.isUnowned) search.set('owned', 'no');
  for (const word of filter.words) search.append('text', word);
  return search;
}

/** The address of a view; what is usual is left out. */
export function identitiesHref({
  filter = emptyRegistryFilter(),
  sort = 'name',
  page = {},
}: {
  filter?: RegistryFilter;
  sort?: SortBy;
  page?: { before?: string; after?: string };
} = {}): string {
  const search = searchOf(filter);
  if (sort !== 'name') search.set('sort', sort);
  for (const [name, value] of Object.entries(page)) search.set(name, value);
  const text = search.toString();
  return text === '' ? '/identities' : `/identities?${text}`;
}

/** The same filter with one value added, or taken away where it was set. */
export function toggledField(
  filter: RegistryFilter,
  field: RegistryField,
  value: string,
): RegistryFilter {
  const values: string[] = filter[field];
  const next = values.includes(value)
    ? values.filter((other) => other !== value)
    : [...values, value];
  // The value comes from a list of this field or from the filter itself.
  return { ...filter, [field]: next } as RegistryFilter;
}

export const isNarrowed = (filter: RegistryFilter): boolean => searchOf(filter).size > 0;
