import { z } from 'zod';
import { type Cursor, list, one, type Params, readInstant, shorten } from '@/lib/inventory/address';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { isAuditGroup, isControlKind } from './labels';

export const auditPresets = ['24h', '7d', '30d', '90d', 'all'] as const;
export type AuditPreset = (typeof auditPresets)[number];
export const firstAuditPreset: AuditPreset = '7d';

const dayMs = 86_400_000;
const presetDays: Record<Exclude<AuditPreset, 'all'>, number> = {
  '24h': 1,
  '7d': 7,
  '30d': 30,
  '90d': 90,
};

/** When an entry was written: `from` null is since ever, `to` null is now and onwards. */
export type AuditRange = { preset: AuditPreset | null; from: Date | null; to: Date | null };

/** Stand for everybody at a command line, and for what nobody signed in did. */
export const anyOperator = 'operators';
export const system = 'system';

export type AuditFilter = {
  /** `person:ID`, `operator:NAME`, `operators` or `system`. */
  who: string | null;
  /** A group of kinds, or one kind. */
  what: string | null;
  /** The id of what it was done to. */
  subject: string | null;
};

export type AuditView = {
  filter: AuditFilter;
  range: AuditRange;
  cursor: Cursor | null;
  /** The entry whose panel is open. */
  entry: string | null;
  problems: string[];
};

const known = new Set(['who', 'what', 'subject', 'from', 'to', 'before', 'after', 'entry']);

const Who = z.union([
  z.enum([anyOperator, system]),
  z.string().regex(/^person:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  z.string().regex(/^operator:[^\p{Cc}"\\]{1,180}$/u),
]);

/** An id of a record, a fingerprint or a place in the log: what stands in facts as one whole value. */
const isSubject = (text: string): boolean =>
  z.guid().safeParse(text).success || /^[0-9a-f]{32}$/.test(text) || parseEntryId(text) !== null;

/** Reads an address. Never throws: what is not understood becomes a sentence in `problems`. */
export function parseAuditView(params: Params, now: Date): AuditView {
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!known.has(name) && !name.startsWith('_'))
      problems.push(`The address names “${shorten(name)}”, which the audit does not know.`);
  }
  const read = <Value extends string>(
    name: string,
    isGood: (text: string) => text is Value,
    hint: string,
  ): Value | null => {
    // Pasted ids come with blanks around them, and in capitals.
    const given = one(params, name, problems);
    const text = name === 'subject' ? (given?.trim().toLowerCase() ?? null) : given;
    if (text === null || isGood(text)) return text;
    problems.push(`${name}=${shorten(text)} is not known. ${hint}`);
    return null;
  };
  const filter = {
    who: read(
      'who',
      (text): text is string => Who.safeParse(text).success,
      'Write person: and an id, operator: and a name, operators or system.',
    ),
    what: read(
      'what',
      (text): text is string => isAuditGroup(text) || isControlKind(text),
      'Choose a kind of entry from the list.',
    ),
    subject: read(
      'subject',
      (text): text is string => isSubject(text),
      'Write the id of an identity, a person, a session or an entry.',
    ),
  };
  return {
    filter,
    range: readAuditRange(params, now, problems),
    cursor: readAuditCursor(params, problems),
    entry: read('entry', (text): text is string => parseEntryId(text) !== null, 'Open a row.'),
    problems,
  };
}

/** Starts at a whole minute, so that the entries of one minute are together. */
export const auditRangeOf = (preset: AuditPreset, now: Date): AuditRange => ({
  preset,
  from:
    preset === 'all'
      ? null
      : new Date(Math.floor((now.getTime() - presetDays[preset] * dayMs) / 60_000) * 60_000),
  to: null,
});

function readAuditRange(params: Params, now: Date, problems: string[]): AuditRange {
  const [from, to] = [one(params, 'from', problems), one(params, 'to', problems)];
  const standard = auditRangeOf(firstAuditPreset, now);
  if (from === null && to === null) return standard;
  const preset = auditPresets.find((name) => name === from);
  if (preset !== undefined && to === null) return auditRangeOf(preset, now);
  const start = from === null || preset === 'all' ? null : readInstant(from);
  const end = to === null ? null : readInstant(to);
  const bad = [
    ...(start === null && from !== null && preset !== 'all' ? [`from=${shorten(from)}`] : []),
    ...(end === null && to !== null ? [`to=${shorten(to)}`] : []),
  ];
  if (bad.length > 0) {
    problems.push(
      `${bad.join(' and ')} is not a time. Write ${auditPresets.join(', ')} or for example 2026-11-12T14:30Z.`,
    );
    return standard;
  }
  if (start !== null && end !== null && end <= start) {
    problems.push('The time range ends before it starts, so the last 7 days are shown.');
    return standard;
  }
  return { preset: null, from: start, to: end };
}

function readAuditCursor(params: Params, problems: string[]): Cursor | null {
  const [before, after] = [one(params, 'before', problems), one(params, 'after', problems)];
  const text = before ?? after;
  if (text === null) return null;
  const place = parseEntryId(text);
  if (place === null || (before !== null && after !== null)) {
    problems.push('The address names no page that there is, so the newest page is shown.');
    return null;
  }
  return { direction: before === null ? 'after' : 'before', place };
}

/** The address of a view; what is usual is left out. */
export function auditSearch(view: {
  filter: AuditFilter;
  range: AuditRange;
  page?: { before: string } | { after: string } | null;
  entry?: string | null;
}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(view.filter))
    if (value !== null) search.set(name, value);
  const { preset, from, to } = view.range;
  if (preset === null) {
    if (from !== null) search.set('from', from.toISOString());
    else search.set('from', 'all');
    if (to !== null) search.set('to', to.toISOString());
  } else if (preset !== firstAuditPreset) search.set('from', preset);
  for (const [name, value] of Object.entries(view.page ?? {})) search.set(name, value);
  if (view.entry != null) search.set('entry', view.entry);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const auditHref = (view: Parameters<typeof auditSearch>[0]): string =>
  `/audit${auditSearch(view)}`;

export const isAuditFiltered = ({ who, what, subject }: AuditFilter): boolean =>
  who !== null || what !== null || subject !== null;

/** The parameters of an address as a page gets them. */
export function auditParams(search: URLSearchParams): Params {
  const params: Params = {};
  for (const name of new Set(search.keys())) params[name] = list(search.getAll(name));
  return params;
}
