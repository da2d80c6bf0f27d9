import type { SessionEntry } from './schema';

/** What a tree needs of an entry. Entries come in the order in which they happened. */
export type TreeEntry = Pick<
  SessionEntry,
  'trace' | 'span' | 'parent' | 'promptId' | 'tokens' | 'cost' | 'startedMs'
>;

type Flag = 'orphan' | 'duplicate' | 'cycle' | 'early';

/** One row of the tree, in the order in which they stand below each other. */
export type TreeNode = {
  /** `entry` is an index of the entries given; the others are groups, which no entry stands for. */
  holds: { as: 'entry'; entry: number } | { as: 'prompt' } | { as: 'missing'; span: string };
  /** 1 for the outermost. */
  level: number;
  /** Index of the node it hangs under, or -1. */
  above: number;
  /** Place among those under the same node, from 1, and how many these are. */
  place: number;
  siblings: number;
  /** How many rows lie under it, at any depth. */
  under: number;
  /** Counted tokens of it and of all under it; null where none are known. */
  tokens: number | null;
  /** Of the same, in US dollars. */
  cost: number | null;
  flags: Flag[];
};

/** What an entry adds to each node above it. */
export type Usage = Pick<TreeNode, 'tokens' | 'cost'>;
const noUsage: Usage = { tokens: null, cost: null };

type Draft = {
  holds: TreeNode['holds'];
  children: Draft[];
  flags: Flag[];
  promptId: string | null;
};

/**
 * Hangs each entry under the span it names as parent within its trace. Every entry is there exactly once,
 * whatever senders claim: a circle is opened at its earliest entry, a parent that never arrived becomes a group,
 * and pieces of one prompt that have no root in common are grouped under it. Nothing recurses.
 */
export function buildTree(entries: readonly TreeEntry[]): TreeNode[] {
  const drafts = entries.map<Draft>(({ promptId }, entry) => ({
    holds: { as: 'entry', entry },
    children: [],
    flags: [],
    promptId,
  }));
  const bySpan = new Map<string, number>();
  entries.forEach(({ trace, span }, index) => {
    if (span === null) return;
    const key = `${trace}/${span}`;
    if (bySpan.has(key)) drafts[index]?.flags.push('duplicate');
    else bySpan.set(key, index);
  });
  const parents = entries.map(({ trace, parent }) =>
    parent === null ? -1 : (bySpan.get(`${trace}/${parent}`) ?? -1),
  );
  for (const index of openCircles(parents)) drafts[index]?.flags.push('cycle');

  const tops: Draft[] = [];
  const missing = new Map<string, Draft>();
  entries.forEach((entry, index) => {
    const draft = drafts[index];
    if (draft === undefined) return;
    const parent = parents[index] ?? -1;
    const above = drafts[parent];
    if (above !== undefined) {
      above.children.push(draft);
      if (entry.startedMs < (entries[parent]?.startedMs ?? 0)) draft.flags.push('early');
    } else if (entry.parent === null || draft.flags.includes('cycle')) tops.push(draft);
    else {
      draft.flags.push('orphan');
      hangUnderMissing(draft, entry, missing, tops);
    }
  });
  return flatten(groupPrompts(tops), entries);
}

function hangUnderMissing(
  draft: Draft,
  { trace, parent, promptId }: TreeEntry,
  missing: Map<string, Draft>,
  tops: Draft[],
): void {
  const span = parent ?? '';
  const key = `${trace}/${span}`;
  const found = missing.get(key);
  if (found !== undefined) {
    found.children.push(draft);
    if (found.promptId !== promptId) found.promptId = null;
    return;
  }
  const made: Draft = { holds: { as: 'missing', span }, children: [draft], flags: [], promptId };
  missing.set(key, made);
  tops.push(made);
}

/** Cuts each circle of parents at its earliest entry, in place. Returns where. */
function openCircles(parents: number[]): number[] {
  const cut: number[] = [];
  /** By which walk an entry was reached; 0 is not yet. */
  const reached = new Int32Array(parents.length);
  for (let start = 0; start < parents.length; start += 1) {
    const walk = start + 1;
    let at = start;
    while (at !== -1 && reached[at] === 0) {
      reached[at] = walk;
      at = parents[at] ?? -1;
    }
    if (at === -1 || reached[at] !== walk) continue;
    let earliest = at;
    for (let next = parents[at] ?? -1; next !== at; next = parents[next] ?? -1)
      earliest = Math.min(earliest, next);
    parents[earliest] = -1;
    cut.push(earliest);
  }
  return cut;
}

/** Tops of one prompt that are more than one come under a node of their own, where the first of them stood. */
function groupPrompts(tops: readonly Draft[]): Draft[] {
  const counts = new Map<string, number>();
  for (const { promptId } of tops)
    if (promptId !== null) counts.set(promptId, (counts.get(promptId) ?? 0) + 1);
  const groups = new Map<string, Draft>();
  const grouped: Draft[] = [];
  for (const top of tops) {
    if (top.promptId === null || (counts.get(top.promptId) ?? 0) < 2) {
      grouped.push(top);
      continue;
    }
    const group = groups.get(top.promptId);
    if (group !== undefined) {
      group.children.push(top);
      continue;
    }
    const made: Draft = {
      holds: { as: 'prompt' },
      children: [top],
      flags: [],
      promptId: top.promptId,
    };
    groups.set(top.promptId, made);
    grouped.push(made);
  }
  return grouped;
}

/** Depth first with a stack of its own: a chain of thousands must not exhaust the engine's. */
function flatten(tops: readonly Draft[], entries: readonly TreeEntry[]): TreeNode[] {
  const order: { draft: Draft; above: number }[] = [];
  const stack: { draft: Draft; above: number }[] = [];
  const push = (drafts: readonly Draft[], above: number) => {
    for (const draft of drafts.toReversed()) stack.push({ draft, above });
  };
  push(tops, -1);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    order.push(next);
    push(next.draft.children, order.length - 1);
  }
  const shapes = order.map(({ draft, above }) => ({ holds: draft.holds, above }));
  const nodes = completeNodes(shapes, (entry) => entries[entry]);
  return nodes.map((node, index) => ({ ...node, flags: order[index]?.draft.flags ?? [] }));
}

/** What a node is and under which it hangs: all else follows from that. */
export type NodeShape = Pick<TreeNode, 'holds' | 'above'>;

/** Levels, places, counts and usage of nodes that stand in the order in which they are shown. */
export function completeNodes(
  shapes: readonly NodeShape[],
  usageOf: (entry: number) => Usage | undefined,
): Omit<TreeNode, 'flags'>[] {
  /** By node above, -1 included: how many hang under it so far. */
  const children = new Int32Array(shapes.length + 1);
  const nodes: Omit<TreeNode, 'flags'>[] = [];
  for (const { holds, above } of shapes) {
    children[above + 1] = (children[above + 1] ?? 0) + 1;
    const { tokens, cost } = (holds.as === 'entry' ? usageOf(holds.entry) : undefined) ?? noUsage;
    nodes.push({
      holds,
      above,
      level: (nodes[above]?.level ?? 0) + 1,
      place: children[above + 1] ?? 0,
      siblings: 0,
      under: 0,
      tokens,
      cost,
    });
  }
  for (const node of nodes.toReversed()) {
    node.siblings = children[node.above + 1] ?? 0;
    const above = nodes[node.above];
    if (above === undefined) continue;
    above.under += node.under + 1;
    if (node.tokens !== null) above.tokens = (above.tokens ?? 0) + node.tokens;
    if (node.cost !== null) above.cost = (above.cost ?? 0) + node.cost;
  }
  return nodes;
}

/** The rows that show while some are folded, as indices of `nodes`. */
export function visibleNodes(
  nodes: readonly Pick<TreeNode, 'under'>[],
  folded: ReadonlySet<number>,
): number[] {
  const shown: number[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    shown.push(index);
    if (folded.has(index)) index += nodes[index]?.under ?? 0;
  }
  return shown;
}
