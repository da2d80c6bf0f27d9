import { marks } from '@/lib/telemetry/schema';
import type { EntryFlag, SessionEntry, ShownEntry } from './schema';
import { buildTree, type TreeNode } from './tree';

export type ShownNode = Omit<TreeNode, 'flags'>;
export type ShownSession = { startedMs: number; entries: ShownEntry[]; nodes: ShownNode[] };

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
    startedMs,
    nodes: nodes.map(({ flags: _, ...node }) => node),
    entries: entries.map(({ id, tookMs, kind, status, redacted, tokens, ...entry }, index) => ({
      id,
      atMs: entry.startedMs - startedMs,
      tookMs,
      kind,
      what: shorten(entry.resource ?? entry.name),
      status,
      redacted,
      tokens,
      flags: flags[index] ?? [],
    })),
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
