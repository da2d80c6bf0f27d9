import { inTurns } from '@/lib/core/in-turns';
import { foldName } from '@/lib/inventory/coverage/fold-name';
import { type AttributeName, changedNames } from '../versions/changed-parts';
import type { IdentityAttributes } from '../versions/schema';
import { type ImportedLine, ImportLine, type ReadLine } from './schema';

/** What the lines of a file are held against. */
export type Known = {
  /** By id and e-mail address. */
  people: ReadonlyMap<string, string>;
  /** By id and name, as are zones. */
  teams: ReadonlyMap<string, string>;
  zones: ReadonlyMap<string, string>;
  resources: ReadonlySet<string>;
  /** In use, by every name that means them. */
  taken: ReadonlyMap<string, { id: string; name: string }>;
  /** Ids of those that whoever imports is shown; others are not named to them. */
  reached: ReadonlySet<string>;
  reachesAll: boolean;
  /** Of those that whoever imports is shown, and lines name, what is known now. */
  seen: ReadonlyMap<string, { revision: number; attributes: IdentityAttributes }>;
};

export type Asked = Omit<IdentityAttributes, 'state' | 'trust' | 'reportsFor' | 'kind'> & {
  kind: ImportLine['kind'];
  /** Ids, or names of identities that stand further up in the file. */
  reportsFor: 'all' | string[];
};
export type JudgedLine = ImportedLine & {
  /** Of what is made or changed: all that is to be known of it. */
  asked: Asked | null;
  /** Of what is changed. */
  existing: { id: string; revision: number } | null;
};

/** `isChanging`: whether whoever imports may change what is registered. `by`: who answers where a line names nobody. */
export type Importing = { isChanging: boolean; by: string | null };

/** What each line would come to. One that is wrong holds up no other, but for those that refer to it. */
export async function judgeLines(
  lines: readonly ReadLine[],
  known: Known,
  importing: Importing,
): Promise<JudgedLine[]> {
  const earlier = new Map<string, string>();
  const folded = new Map<string, { name: string; shown: string }>();
  const fold = ({ id, name }: { id: string; name: string }) =>
    folded.set(foldName(name), { name, shown: shownName(known, id, name) });
  await inTurns([...known.taken.values()], fold);
  return inTurns(lines, (line) => {
    const judged = judgeLine(line, known, { ...importing, earlier });
    if (judged.name === null || judged.verdict === 'wrong') return judged;
    for (const each of [judged.name, ...(judged.asked?.names ?? [])])
      earlier.set(each, judged.name);
    const { name } = judged;
    const like = folded.get(foldName(name));
    folded.set(foldName(name), { name, shown: name });
    return like === undefined || like.name === name ? judged : { ...judged, resembles: like.shown };
  });
}

const shownName = ({ reached }: Known, id: string, name: string): string =>
  reached.has(id) ? name : 'another identity';

type Within = Importing & { earlier: ReadonlyMap<string, string> };

function judgeLine(read: ReadLine, known: Known, within: Within): JudgedLine {
  if ('wrong' in read) return wrong(read.line, null, [read.wrong]);
  const parsed = ImportLine.safeParse(read.values);
  if (!parsed.success) {
    const because = parsed.error.issues
      .slice(0, 5)
      .map(({ path, message }) => (path.length === 0 ? message : `${String(path[0])}: ${message}`));
    return wrong(read.line, nameIn(read.values), because);
  }
  const { data } = parsed;
  const because: string[] = [];
  const existing = known.taken.get(data.name);
  const before = existing === undefined ? undefined : known.seen.get(existing.id);
  const asked = askedOf(data, before?.attributes, { known, within, because });
  for (const each of new Set([data.name, ...asked.names])) {
    const holder = known.taken.get(each);
    if (holder !== undefined && (holder.id !== existing?.id || before === undefined))
      because.push(
        known.reached.has(holder.id)
          ? `${each} is a name of the identity ${holder.name} already.`
          : `${each} is a name of another identity already.`,
      );
    if (within.earlier.has(each))
      because.push(`${each} is a name further up in this file already.`);
  }
  if (existing !== undefined && before !== undefined) {
    if (existing.name !== data.name)
      because.push(`${data.name} is a further name of ${existing.name}.`);
    if (before.attributes.kind !== data.kind)
      because.push(`It is registered as ${before.attributes.kind}, and a kind never changes.`);
  }
  if (because.length > 0) return wrong(read.line, data.name, because);
  const line = { ...nothing, line: read.line, name: data.name };
  if (existing === undefined || before === undefined) return { ...line, verdict: 'made', asked };
  const changes = changesOf(before.attributes, asked);
  if (changes.length === 0) return { ...line, verdict: 'unchanged' };
  if (!within.isChanging)
    return wrong(read.line, data.name, [
      'It is registered already, and a machine changes nothing by a file.',
    ]);
  const { id } = existing;
  return {
    ...line,
    verdict: 'changed',
    changes,
    asked,
    existing: { id, revision: before.revision },
  };
}

const nothing = { because: [], changes: [], resembles: null, asked: null, existing: null };
const wrong = (line: number, name: string | null, because: string[]): JudgedLine => ({
  ...{ ...nothing, line, name, because: [...new Set(because)], verdict: 'wrong' },
});

const nameIn = (values: unknown): string | null =>
  typeof values === 'object' &&
  values !== null &&
  'name' in values &&
  typeof values.name === 'string'
    ? values.name.slice(0, 63)
    : null;

function changesOf(before: IdentityAttributes, asked: Asked): AttributeName[] {
  const { state, trust } = before;
  return changedNames(before, { ...asked, state, trust });
}

type Looking = { known: Known; within: Within; because: string[] };

/** What is left out stays as it is, or as it is at first. */
function askedOf(
  data: ImportLine,
  before: IdentityAttributes | undefined,
  { known, within, because }: Looking,
): Asked {
  const find = (map: ReadonlyMap<string, string>, what: string, text: string): string | null => {
    const id = map.get(text.toLowerCase()) ?? null;
    if (id === null) because.push(`There is no ${what} ${text}.`);
    return id;
  };
  const one = (
    map: ReadonlyMap<string, string>,
    what: string,
    text: string | undefined,
    otherwise: string | null,
  ) => (text === undefined ? otherwise : find(map, what, text));
  const owner = one(known.people, 'person', data.owner, before?.owner ?? within.by);
  for (const each of data.expects ?? [])
    if (!known.resources.has(each)) because.push(`There is no resource ${each}.`);
  return {
    kind: data.kind,
    name: data.name,
    names:
      data.names === undefined
        ? (before?.names ?? [])
        : [...new Set(data.names)].filter((each) => each !== data.name),
    owner,
    sponsor: one(known.people, 'person', data.sponsor, before?.sponsor ?? owner),
    team: one(known.teams, 'team', data.team, before?.team ?? null),
    zone: one(known.zones, 'zone', data.zone, before?.zone ?? null),
    purpose: data.purpose ?? before?.purpose ?? '',
    tags: data.tags ?? before?.tags ?? [],
    actsFor: actsForOf(data.acts_for, before?.actsFor, { known, find }),
    expects: data.expects === undefined ? (before?.expects ?? []) : [...new Set(data.expects)],
    reportsFor: reportsForOf(data.reports_for, before?.reportsFor, { known, within, because }),
  };
}

type Find = (map: ReadonlyMap<string, string>, what: string, text: string) => string | null;

function actsForOf(
  asked: ImportLine['acts_for'],
  before: IdentityAttributes['actsFor'] = { people: [], teams: [] },
  { known, find }: { known: Known; find: Find },
): IdentityAttributes['actsFor'] {
  if (asked === undefined) return before;
  if (asked === 'all') return 'all';
  const ids = (map: ReadonlyMap<string, string>, what: string, texts: readonly string[]) => [
    ...new Set(texts.flatMap((text) => find(map, what, text) ?? [])),
  ];
  const isTeam = (text: string) => !text.includes('@') && known.teams.has(text.toLowerCase());
  return {
    people: ids(
      known.people,
      'person or team',
      asked.filter((text) => !isTeam(text)),
    ),
    teams: ids(known.teams, 'team', asked.filter(isTeam)),
  };
}

function reportsForOf(
  asked: ImportLine['reports_for'],
  before: IdentityAttributes['reportsFor'] = [],
  { known, within, because }: Looking,
): 'all' | string[] {
  if (asked === undefined) return before;
  if ((asked === 'all') !== (before === 'all') && !known.reachesAll)
    because.push(
      'Reporting for every identity is given and taken by whoever sees the activity of all teams.',
    );
  if (asked === 'all') return 'all';
  // What whoever imports is not shown, or is gone since, stays.
  const kept = before === 'all' ? [] : before.filter((id) => !known.reached.has(id));
  const found = asked.flatMap((text) => {
    const id = [known.taken.get(text)?.id, text].find(
      (each) => each !== undefined && known.reached.has(each),
    );
    const name = within.earlier.get(text);
    if (id === undefined && name === undefined)
      because.push(`There is no identity ${text}, nor one further up in this file.`);
    return id ?? name ?? [];
  });
  return [...new Set([...kept, ...found])].sort();
}
