import { z } from 'zod';
import type { EntryPlace } from '@/lib/log/schema';
import { interactionKinds, statuses } from '@/lib/telemetry/schema';
import { parseEntryId } from './entry-id';
import { exchange } from './kinds';
import { searchProblem, searchTermCharsMax, searchTermsMax } from './search/terms';

export const presets = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
export type Preset = (typeof presets)[number];
export const firstPreset: Preset = '24h';

export const presetMs: Record<Preset, number> = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '24h': 24 * 3_600_000,
  '7d': 7 * 24 * 3_600_000,
  '30d': 30 * 24 * 3_600_000,
};

/** Stands for everything that no registered identity answers for. */
export const unregistered = 'unregistered';

const valuesMax = 20;
const Text = z.string().min(1).max(512);

/** One parameter of the address per facet; each may repeat, and any of its values matches. */
export const facetFields = {
  identity: Text.max(256),
  kind: z.enum([...interactionKinds, exchange]),
  resource: Text,
  model: Text,
  status: z.enum(statuses),
  session: z.guid(),
  fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
  behalf: Text,
} as const;
export type Facet = keyof typeof facetFields;
export const facets = [
  'identity',
  'kind',
  'resource',
  'model',
  'status',
  'session',
  'fingerprint',
  'behalf',
] as const satisfies Facet[];

export type Filter = {
  /** Ids of registered identities, their names, or `unregistered`. */
  identity: string[];
  kind: z.infer<(typeof facetFields)['kind']>[];
  resource: string[];
  model: string[];
  status: z.infer<(typeof facetFields)['status']>[];
  session: string[];
  /** Of unregistered actors. */
  fingerprint: string[];
  /** Those for whom an agent acted, as senders call them. */
  behalf: string[];
  /** Words and phrases that content must hold; one that starts with `-` it must not. */
  text?: string[];
  /** Only what figures count: without the ends of exchanges that another end counts for. */
  isCounted?: true;
};

/** Bounds of when a thing happened, in whole minutes where nobody asked for others; `to` null is now and onwards. */
export type Range = { preset: Preset | null; from: Date; to: Date | null };
export type Cursor = { direction: 'before' | 'after'; place: EntryPlace };

/** What the address of the page says. */
export type InventoryView = {
  filter: Filter;
  range: Range;
  cursor: Cursor | null;
  interaction: string | null;
  /** What stands in the query bar and could not be taken as terms. */
  typed: string;
  /** One sentence per parameter or term that was not understood; none is dropped silently. */
  problems: string[];
  /** Whether the query bar held only good terms, which are now in `filter`: the address should say so. */
  hasNewTerms: boolean;
};

export type Params = Record<string, string | string[] | undefined>;

const known = new Set([
  'q',
  'text',
  'counted',
  'from',
  'to',
  'before',
  'after',
  'interaction',
  ...facets,
]);
const examples: Record<Facet, string> = {
  identity: 'the name of an identity, or unregistered',
  kind: `${exchange} for all but steps and events, ${interactionKinds.join(', ')}`,
  resource: 'a name of at most 512 characters',
  model: 'a name of at most 512 characters',
  status: statuses.join(', '),
  session: 'the id of a session',
  fingerprint: '32 hexadecimal digits',
  behalf: 'an e-mail address or id of at most 512 characters',
};

/** Of what matches everything. */
export const emptyFilter = (): Filter => ({
  identity: [],
  kind: [],
  resource: [],
  model: [],
  status: [],
  session: [],
  fingerprint: [],
  behalf: [],
});

/** Reads an address. Never throws: what is not understood becomes a sentence in `problems`. */
export function parseView(params: Params, now: Date): InventoryView {
  const problems: string[] = [];
  const filter = emptyFilter();
  for (const name of Object.keys(params)) {
    if (!known.has(name) && !name.startsWith('_')) {
      problems.push(`The address names “${shorten(name)}”, which the inventory does not know.`);
    }
  }
  for (const facet of facets) {
    for (const value of list(params[facet])) addTerm(filter, facet, value, problems);
  }
  for (const term of list(params.text)) addText(filter, term, problems);
  addCounted(filter, one(params, 'counted', problems), problems);
  const query = readTerms(one(params, 'q', problems) ?? '');
  const badTerms: string[] = [];
  for (const term of query.terms) addTerm(filter, term.facet, term.value, badTerms);
  for (const term of query.text) addText(filter, term, badTerms);
  problems.push(...query.problems, ...badTerms);
  const isClean = query.problems.length + badTerms.length === 0;
  return {
    filter,
    range: readRange(one(params, 'from', problems), one(params, 'to', problems), now, problems),
    cursor: readCursor(params, problems),
    interaction: readInteraction(one(params, 'interaction', problems), problems),
    typed: isClean ? '' : query.typed,
    problems,
    hasNewTerms: isClean && query.terms.length + query.text.length > 0,
  };
}

function addTerm(filter: Filter, facet: Facet, value: string, problems: string[]): void {
  const parsed = facetFields[facet].safeParse(value);
  if (!parsed.success || value.includes('\0')) {
    problems.push(
      `${facet}:${shorten(value)} is not a ${facet}. It is one of: ${examples[facet]}.`,
    );
    return;
  }
  // The schema of this facet has just accepted the value, which is what the list holds.
  const values = filter[facet] as string[];
  if (values.includes(value)) return;
  if (values.length < valuesMax) values.push(value);
  else problems.push(`${facet} takes at most ${valuesMax} values; ${shorten(value)} is left out.`);
}

function addText(filter: Filter, term: string, problems: string[]): void {
  const problem =
    term.length > searchTermCharsMax || term.includes('\0')
      ? `A word or phrase to search for has at most ${searchTermCharsMax} characters.`
      : searchProblem([term.replace(/^-/, '')]);
  const terms = filter.text ?? [];
  if (problem !== null) problems.push(problem);
  else if (terms.includes(term)) return;
  else if (terms.length >= searchTermsMax)
    problems.push(
      `A search takes at most ${searchTermsMax} words and phrases; ${shorten(term)} is left out.`,
    );
  else filter.text = [...terms, term];
}

function addCounted(filter: Filter, value: string | null, problems: string[]): void {
  if (value === 'once') filter.isCounted = true;
  else if (value !== null) problems.push(`counted=${shorten(value)} is not known; it says once.`);
}

type Terms = {
  terms: { facet: Facet; value: string }[];
  text: string[];
  problems: string[];
  typed: string;
};

/** `field:value` or `field:"a value"`; any other word, or "words in quotes", is searched for in content. */
export function readTerms(typed: string): Terms {
  const terms: Terms['terms'] = [];
  const text: string[] = [];
  const problems: string[] = [];
  for (const [whole, sign = '', phrase, field, quoted, bare = ''] of typed
    .slice(0, 2000)
    .matchAll(/(-?)"([^"]*)"|([^\s:"]+):(?:"([^"]*)"|(\S*))|[^\s"]+|"/g)) {
    const facet = facets.find((name) => name === field?.toLowerCase());
    const value = quoted ?? bare;
    if (phrase !== undefined) text.push(`${sign}${phrase}`);
    else if (facet !== undefined && value !== '') terms.push({ facet, value });
    else if (facet !== undefined) problems.push(`${facet}: needs a value: ${examples[facet]}.`);
    else if (field !== undefined)
      problems.push(
        `“${shorten(field)}” is not a field. Fields: ${facets.join(', ')}. To search content for it, put it in quotes.`,
      );
    else if (whole === '"') problems.push('A quotation mark is missing its other one.');
    else text.push(whole);
  }
  return { terms, text, problems, typed };
}

// Without a zone, as the date and time field of a form sends it, a time stands for UTC.
const Instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/)
  .transform((text) => (/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`));

/** Null for what is no time. */
export function readInstant(text: string): Date | null {
  const parsed = Instant.safeParse(text);
  if (!parsed.success) return null;
  const at = new Date(parsed.data);
  return at.getTime() > 0 && at.getUTCFullYear() < 5000 ? at : null;
}

export function readRange(
  from: string | null,
  to: string | null,
  now: Date,
  problems: string[],
): Range {
  const standard = rangeOf(firstPreset, now);
  const preset = presets.find((name) => name === from);
  if (from !== null && preset !== undefined && to === null) return rangeOf(preset, now);
  if (from === null && to === null) return standard;
  const end = to === null ? null : readInstant(to);
  if (to !== null && end === null) {
    problems.push(`to=${shorten(to)} is not a time. Write for example 2026-11-12T14:30Z.`);
    return standard;
  }
  const start =
    from === null || preset !== undefined
      ? new Date((end ?? now).getTime() - presetMs[preset ?? firstPreset])
      : readInstant(from);
  if (start === null) {
    problems.push(
      `from=${shorten(from ?? '')} is not a time. Write ${presets.join(', ')} or for example 2026-11-12T14:30Z.`,
    );
    return standard;
  }
  if (end !== null && end <= start) {
    problems.push('The time range ends before it starts, so the last 24 hours are shown.');
    return standard;
  }
  return { preset: null, from: start, to: end };
}

/** Starts at a whole minute, so that counts of minutes answer for exactly this range. */
export function rangeOf(preset: Preset, now: Date): Range {
  return {
    preset,
    from: new Date(Math.floor((now.getTime() - presetMs[preset]) / 60_000) * 60_000),
    to: null,
  };
}

/** From the minute in which something began, onwards. */
export const rangeSince = (at: Date): Range => ({
  preset: null,
  from: new Date(Math.floor(at.getTime() / 60_000) * 60_000),
  to: null,
});

function readCursor(params: Params, problems: string[]): Cursor | null {
  const before = one(params, 'before', problems);
  const after = one(params, 'after', problems);
  if (before !== null && after !== null) {
    problems.push(
      'The address names a page before and after at once, so the newest page is shown.',
    );
    return null;
  }
  const text = before ?? after;
  if (text === null) return null;
  const place = parseEntryId(text);
  if (place === null) {
    problems.push(`${shorten(text)} is not the id of an entry, so the newest page is shown.`);
    return null;
  }
  return { direction: before === null ? 'after' : 'before', place };
}

export function readInteraction(text: string | null, problems: string[]): string | null {
  if (text === null || parseEntryId(text) !== null) return text;
  problems.push(`interaction=${shorten(text)} is not the id of an entry.`);
  return null;
}

export function one(params: Params, name: string, problems: string[]): string | null {
  const values = list(params[name]);
  if (values.length > 1)
    problems.push(`${name} is given ${values.length} times; the first one counts.`);
  return values[0] ?? null;
}

export const list = (value: string | string[] | undefined): string[] =>
  (value === undefined ? [] : Array.isArray(value) ? value : [value])
    .filter((text) => text !== '')
    .slice(0, 100);

export const shorten = (text: string): string =>
  text.length > 60 ? `${text.slice(0, 60)}…` : text;

/** The address of a view; facets first, in a fixed order. `page` and `interaction` only as given. */
export function viewSearch(view: {
  filter: Filter;
  range: Range;
  page?: { before: string } | { after: string };
  interaction?: string | null;
}): string {
  const search = new URLSearchParams();
  for (const facet of facets) for (const value of view.filter[facet]) search.append(facet, value);
  for (const term of view.filter.text ?? []) search.append('text', term);
  if (view.filter.isCounted) search.set('counted', 'once');
  const { preset, from, to } = view.range;
  if (preset === null) {
    search.set('from', from.toISOString());
    if (to !== null) search.set('to', to.toISOString());
  } else if (preset !== firstPreset) search.set('from', preset);
  for (const [name, value] of Object.entries(view.page ?? {})) search.set(name, value);
  if (view.interaction != null) search.set('interaction', view.interaction);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * The same filter with one value added, or taken away where it was set. One kind takes the place of all that are
 * exchanges, which it would not narrow.
 */
export function toggled(filter: Filter, facet: Facet, value: string): Filter {
  const values: string[] = filter[facet];
  const next = values.includes(value)
    ? values.filter((other) => other !== value)
    : [...(facet === 'kind' ? values.filter((other) => other !== exchange) : values), value];
  // The value comes from a facet's own list or from the filter itself.
  return { ...filter, [facet]: next } as Filter;
}

/** The same filter without one word or phrase. */
export const withoutText = (filter: Filter, term: string): Filter => ({
  ...filter,
  text: (filter.text ?? []).filter((other) => other !== term),
});

/** The same filter with both ends of each exchange. */
export function withBothEnds({ isCounted: _, ...filter }: Filter): Filter {
  return filter;
}

export const hasText = ({ text = [] }: Filter): boolean => text.length > 0;

export const isFiltered = (filter: Filter): boolean =>
  hasText(filter) || filter.isCounted === true || facets.some((facet) => filter[facet].length > 0);
