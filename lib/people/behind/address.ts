import { z } from 'zod';
import { list, one, type Params, shorten } from '@/lib/inventory/address';

export const shownParts = ['all', 'not_shown', 'expected'] as const;
export type ShownPart = (typeof shownParts)[number];
export const sorts = ['last', 'entries'] as const;
export type Sort = (typeof sorts)[number];

export type BehindFilter = {
  /** `not_shown`: acts without a second factor shown, and nobody expects it. `expected`: somebody does. */
  show: ShownPart;
  /** The id or name of a registered identity, or `unregistered`. */
  identity: string | null;
  /** What they are called, in full. */
  who: string | null;
};
/** A person at the edge of a page: milliseconds or entries, whichever the list is sorted by. */
export type BehindCursor = { direction: 'before' | 'after'; value: number; id: string };
export type BehindView = {
  filter: BehindFilter;
  sort: Sort;
  cursor: BehindCursor | null;
  /** Whose panel is open. */
  person: string | null;
  /** One sentence per parameter that was not understood. */
  problems: string[];
};

const known = new Set(['show', 'identity', 'who', 'sort', 'before', 'after', 'person']);

/** Reads an address. Never throws: what is not understood becomes a sentence in `problems`. */
export function parseBehindView(params: Params): BehindView {
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!known.has(name) && !name.startsWith('_'))
      problems.push(`The address names “${shorten(name)}”, which this page does not know.`);
  }
  const among = <Name extends string>(name: string, names: readonly Name[]): Name | null => {
    const asked = one(params, name, problems);
    const found = names.find((each) => each === asked) ?? null;
    if (asked !== null && found === null)
      problems.push(`${name}=${shorten(asked)} is not known. It is one of: ${names.join(', ')}.`);
    return found;
  };
  const text = (name: string, max: number): string | null => {
    const asked = one(params, name, problems);
    if (asked === null || (asked.length <= max && !asked.includes('\0'))) return asked;
    problems.push(`${name}=${shorten(asked)} is longer than ${max} characters, or no text.`);
    return null;
  };
  const person = one(params, 'person', problems);
  const isId = z.guid().safeParse(person).success;
  if (person !== null && !isId) problems.push(`person=${shorten(person)} is not an id.`);
  return {
    filter: {
      show: among('show', shownParts) ?? 'all',
      identity: text('identity', 256),
      who: text('who', 512),
    },
    sort: among('sort', sorts) ?? 'last',
    cursor: readCursor(params, problems),
    person: isId ? person : null,
    problems,
  };
}

const shape = /^([0-9a-z]{1,11})-([0-9a-f-]{36})$/;

/** The edge that a person is in a list of this order. */
export const formatBehindCursor = (
  sort: Sort,
  { lastAt, entries, id }: { lastAt: Date; entries: number; id: string },
): string => `${(sort === 'last' ? lastAt.getTime() : entries).toString(36)}-${id}`;

function readCursor(params: Params, problems: string[]): BehindCursor | null {
  const direction = list(params.after).length > 0 ? 'after' : 'before';
  const text = one(params, direction, problems);
  if (text === null) return null;
  const [, digits = '', id = ''] = shape.exec(text) ?? [];
  const value = Number.parseInt(digits, 36);
  // Beyond it is no moment of a calendar, and no number of entries.
  if (!z.guid().safeParse(id).success || !(value <= 8.64e15)) {
    problems.push(`${shorten(text)} names no page, so the first is shown.`);
    return null;
  }
  return { direction, value, id };
}

/** The address of a view; what is usual is left out. */
export function behindHref({
  filter,
  sort = 'last',
  page = {},
  person = null,
}: {
  filter: BehindFilter;
  sort?: Sort;
  page?: { before?: string; after?: string };
  person?: string | null;
}): string {
  const search = new URLSearchParams();
  if (filter.show !== 'all') search.set('show', filter.show);
  if (filter.identity !== null) search.set('identity', filter.identity);
  if (filter.who !== null) search.set('who', filter.who);
  if (sort !== 'last') search.set('sort', sort);
  for (const [name, value] of Object.entries(page)) search.set(name, value);
  if (person !== null) search.set('person', person);
  const text = search.toString();
  return text === '' ? '/people/agents' : `/people/agents?${text}`;
}

/** The page that a view is of, as its address says it. */
export const pageOf = ({ cursor }: BehindView): { before?: string; after?: string } =>
  cursor === null ? {} : { [cursor.direction]: `${cursor.value.toString(36)}-${cursor.id}` };

export const isNarrowed = ({ show, identity, who }: BehindFilter): boolean =>
  show !== 'all' || identity !== null || who !== null;
