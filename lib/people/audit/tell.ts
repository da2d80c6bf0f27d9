import { formatEntryId, parseEntryId } from '@/lib/inventory/entry-id';
import { labelOf } from './labels';
import type { Doer, Facts, Reads, Subject } from './schema';

const systemWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    setup_code: 'Set-up page',
    environment: 'Environment',
    invitation: 'Invitation',
    sso: 'Single sign-on',
    rule: 'Rule of trust',
  }),
);

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** Who did it: `by`, or `person` where an entry is older than `by`. */
export function doerOf(kind: string, facts: Facts): Doer {
  if (labelOf(kind).isUnproven) return { kind: 'unproven' };
  const by = textOf(facts.by);
  const person = by === null ? textOf(facts.person) : afterPrefix(by, 'person:');
  if (person !== null) return { kind: 'person', id: person };
  const operator = by === null ? null : afterPrefix(by, 'operator:');
  if (operator !== null) return { kind: 'operator', name: operator };
  if (by === null) return { kind: 'system', word: 'Sallyport' };
  const key = afterPrefix(by, 'api_key:');
  return { kind: 'system', word: key === null ? (systemWords.get(by) ?? by) : `API key ${key}` };
}

const afterPrefix = (text: string, prefix: string): string | null =>
  text.startsWith(prefix) ? text.slice(prefix.length) : null;

/** In the order in which they are looked for. */
const subjectFacts = [
  ['item', 'item'],
  ['identity', 'identity'],
] as const;

/** On what it was done; null where it is about the whole, or about whoever did it. */
export function subjectOf(kind: string, facts: Facts): Subject | null {
  const entry = entryOf(facts.entry);
  if (entry !== null) return { kind: 'entry', id: entry };
  const opened = textOf(facts.subject);
  if (opened !== null && kind === 'quarantined_item_opened') return { kind: 'item', id: opened };
  if (opened !== null)
    return { kind: parseEntryId(opened) === null ? 'session' : 'entry', id: opened };
  const defined = kind === 'content_opened' ? textOf(facts.resource) : null;
  if (defined !== null) return { kind: 'resource', id: defined };
  const fingerprint = textOf(facts.fingerprint);
  for (const [name, what] of subjectFacts) {
    const id = textOf(facts[name]);
    if (id !== null) return { kind: what, id };
  }
  if (fingerprint !== null)
    return { kind: 'shadow', fingerprint, reporter: textOf(facts.reporter) };
  const person = textOf(facts.person);
  // Without `by` it is whoever did it, unless nobody proved to be.
  if (person !== null && (textOf(facts.by) !== null || labelOf(kind).isUnproven))
    return { kind: 'person', id: person };
  for (const what of ['team', 'credential', 'export'] as const) {
    const id = textOf(facts[what]);
    if (id !== null) return { kind: what, id };
  }
  for (const part of [facts, partOf(facts.after), partOf(facts.before)])
    for (const name of ['model', 'name', 'email', 'organisation']) {
      const text = textOf(part[name]);
      if (text !== null) return { kind: 'other', text };
    }
  return null;
}

const partOf = (value: unknown): Facts =>
  typeof value === 'object' && value !== null ? (value as Facts) : {};

/** The id of an entry that is named by its place. */
function entryOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { received_at, shard, position } = value as Facts;
  if (typeof received_at !== 'string' || typeof shard !== 'number' || typeof position !== 'number')
    return null;
  const receivedAt = new Date(received_at);
  if (Number.isNaN(receivedAt.getTime()) || !Number.isSafeInteger(position)) return null;
  return formatEntryId({ receivedAt, shard, position: BigInt(position) });
}

/** The page on which a subject is shown; null where there is none. */
export function hrefOfSubject(subject: Subject): string | null {
  if (subject.kind === 'other') return null;
  if (subject.kind === 'shadow') {
    const search = new URLSearchParams({ view: 'shadow', fingerprint: subject.fingerprint });
    if (subject.reporter !== null) search.set('reporter', subject.reporter);
    return `/coverage?${search}`;
  }
  const id = encodeURIComponent(subject.id);
  switch (subject.kind) {
    case 'identity':
      return `/identities/${id}`;
    case 'entry':
      return `/inventory?interaction=${id}`;
    case 'session':
      return `/sessions/${id}`;
    case 'resource':
      return `/resources/${id}`;
    case 'item':
      return `/health/quarantine?item=${id}`;
    case 'person':
      return `/people?person=${id}`;
    default:
      return null;
  }
}

/** Who, as a filter names them; null where a filter cannot. */
export function whoAsked(doer: Doer): string | null {
  if (doer.kind === 'person') return `person:${doer.id}`;
  return doer.kind === 'operator' ? `operator:${doer.name}` : null;
}

/** On what, as a filter names it. */
export function subjectAsked(subject: Subject): string | null {
  if (subject.kind === 'other') return null;
  return subject.kind === 'shadow' ? subject.fingerprint : subject.id;
}

/** "Read the content of 14 interactions and 2 conversations, searched content twice". */
export function readsSentence(reads: Reads): string {
  const { interactions, conversations, resources, searches, items } = reads;
  const read = [
    interactions === 0 ? [] : count(interactions, 'interaction'),
    conversations === 0 ? [] : count(conversations, 'conversation'),
    resources === 0 ? [] : count(resources, 'tool or server', 'tools or servers'),
    items === 0 ? [] : count(items, 'refused item'),
  ].flat();
  const searched = searches === 0 ? null : `searched it ${times(searches)}`;
  if (read.length === 0) return `Searched content ${times(searches)}`;
  const last = read.pop();
  const listed = read.length === 0 ? last : `${read.join(', ')} and ${last}`;
  return `Read the content of ${listed}${searched === null ? '' : `, ${searched}`}`;
}

const count = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`;
const times = (n: number) =>
  n === 1 ? 'once' : n === 2 ? 'twice' : `${n.toLocaleString('en-GB')} times`;
