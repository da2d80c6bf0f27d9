import { interactionKinds, marks, statuses } from '@/lib/telemetry/schema';
import { type EntryFlag, entryFlags, type SessionEntry, type ShownEntry } from './schema';
import { buildTree, completeNodes, type NodeShape, type TreeNode } from './tree';

export type ShownNode = Omit<TreeNode, 'flags'>;
export type ShownSession = { entries: ShownEntry[]; nodes: ShownNode[] };

/** A row shows no more of a name; the panel shows all. */
const whatMax = 120;

/** What the page draws of a session's entries: no more than it needs, since it is sent for thousands. */
export function showSession(entries: readonly SessionEntry[]): ShownSession {
  const startedMs = entries[0]?.startedMs ?? 0;
  const nodes = buildTree(entries);
  const flags = entries.map<EntryFlag[]>(({ isLate, marks: bits, uncounted }) => [
    ...(isLate ? (['late'] as const) : []),
    ...((bits & marks.implausible_time) === 0 ? [] : (['implausible'] as const)),
    ...(uncounted === null ? [] : [uncounted]),
  ]);
  for (const { holds, flags: found } of nodes)
    if (holds.as === 'entry') flags[holds.entry]?.push(...found);
  return {
    nodes: nodes.map(({ flags: _, ...node }) => node),
    entries: entries.map(
      ({ id, tookMs, kind, status, redacted, tokens, cost, ...entry }, index) => ({
        id,
        atMs: entry.startedMs - startedMs,
        tookMs,
        kind,
        what: shorten(entry.resource ?? entry.name),
        status,
        redacted,
        tokens,
        cost,
        flags: flags[index] ?? [],
      }),
    ),
  };
}

const shorten = (text: string): string =>
  text.length > whatMax ? `${text.slice(0, whatMax)}…` : text;

/** Whether a row is one to jump to: it failed, or something about it is odd. */
export const isOdd = ({ status, flags }: ShownEntry): boolean =>
  status === 'error' || flags.some((flag) => flag !== 'counterpart' && flag !== 'same_call');

/** The models of a session's entries, in order of first use. */
export const modelsOf = (entries: readonly Pick<SessionEntry, 'model'>[]): string[] => [
  ...new Set(entries.flatMap(({ model }) => (model === null ? [] : [model]))),
];

/** Columns instead of rows, and of the tree only what the rest follows from: a quarter of the same as JSON. */
type Packed = {
  id: string[];
  atMs: number[];
  tookMs: (number | null)[];
  kind: number[];
  what: string[];
  status: number[];
  redacted: Record<number, string>;
  tokens: (number | null)[];
  cost: (number | null)[];
  /** Bits in the order of `entryFlags`. */
  flags: number[];
  /** Of each node the entry it holds, or -1 for a prompt and -2 for a parent that is missing. */
  holds: number[];
  above: number[];
  missing: Record<number, string>;
};

/** The session as one text, which a page of thousands of entries carries and reads fastest. */
export function packSession({ entries, nodes }: ShownSession): string {
  const packed: Packed = {
    id: entries.map(({ id }) => id),
    atMs: entries.map(({ atMs }) => Math.round(atMs * 1000) / 1000),
    tookMs: entries.map(({ tookMs }) =>
      tookMs === null ? null : Math.round(tookMs * 1000) / 1000,
    ),
    kind: entries.map(({ kind }) => interactionKinds.indexOf(kind)),
    what: entries.map(({ what }) => what),
    status: entries.map(({ status }) => statuses.indexOf(status)),
    redacted: Object.fromEntries(
      entries.flatMap(({ redacted }, index) => (redacted === null ? [] : [[index, redacted]])),
    ),
    tokens: entries.map(({ tokens }) => tokens),
    cost: entries.map(({ cost }) => cost),
    flags: entries.map(({ flags }) =>
      flags.reduce((bits, flag) => bits | (1 << entryFlags.indexOf(flag)), 0),
    ),
    holds: nodes.map(({ holds }) =>
      holds.as === 'entry' ? holds.entry : holds.as === 'prompt' ? promptNode : missingNode,
    ),
    above: nodes.map(({ above }) => above),
    missing: Object.fromEntries(
      nodes.flatMap(({ holds }, index) => (holds.as === 'missing' ? [[index, holds.span]] : [])),
    ),
  };
  return JSON.stringify(packed);
}

const promptNode = -1;
const missingNode = -2;

/** What `packSession` packed; it reads nothing else. */
export function unpackSession(text: string): ShownSession {
  // Our own text, from this page's own server.
  const packed = JSON.parse(text) as Packed;
  const entries = packed.id.map<ShownEntry>((id, index) => ({
    id,
    atMs: packed.atMs[index] ?? 0,
    tookMs: packed.tookMs[index] ?? null,
    kind: interactionKinds[packed.kind[index] ?? 0] ?? 'event',
    what: packed.what[index] ?? '',
    status: statuses[packed.status[index] ?? 0] ?? 'unset',
    redacted: packed.redacted[index] ?? null,
    tokens: packed.tokens[index] ?? null,
    cost: packed.cost[index] ?? null,
    flags: entryFlags.filter((_, bit) => ((packed.flags[index] ?? 0) & (1 << bit)) !== 0),
  }));
  const shapes = packed.holds.map<NodeShape>((entry, index) => ({
    holds:
      entry >= 0
        ? { as: 'entry', entry }
        : entry === promptNode
          ? { as: 'prompt' }
          : { as: 'missing', span: packed.missing[index] ?? '' },
    above: packed.above[index] ?? -1,
  }));
  return { entries, nodes: completeNodes(shapes, (entry) => entries[entry]) };
}
