import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTree, type TreeEntry, visibleNodes } from './tree';

const entry = (change: Partial<TreeEntry>): TreeEntry => ({
  trace: 't',
  span: null,
  parent: null,
  promptId: null,
  tokens: null,
  cost: null,
  startedMs: 0,
  ...change,
});

/** `level:what` of each row, with its flags. */
const shapeOf = (entries: readonly TreeEntry[]) =>
  buildTree(entries).map(({ holds, level, flags }) => {
    const what = holds.as === 'entry' ? holds.entry : holds.as;
    return [`${level}:${what}`, ...flags].join(' ');
  });

describe('a tree', () => {
  it('hangs entries under the span they name, in the order in which they happened', () => {
    expect(
      shapeOf([
        entry({ span: 'root' }),
        entry({ span: 'a', parent: 'root' }),
        entry({ span: 'b', parent: 'root' }),
        entry({ span: 'a1', parent: 'a' }),
      ]),
    ).toEqual(['1:0', '2:1', '3:3', '2:2']);
  });

  it('hangs a log record under the span it was written in', () => {
    expect(shapeOf([entry({ span: 'root' }), entry({ parent: 'root' })])).toEqual(['1:0', '2:1']);
  });

  it('takes a span id of another trace for another span', () => {
    expect(shapeOf([entry({ span: 'a' }), entry({ trace: 'other', parent: 'a' })])).toEqual([
      '1:0',
      '1:missing',
      '2:1 orphan',
    ]);
  });

  it('shows what waits for a parent under one group per parent', () => {
    expect(
      shapeOf([
        entry({ span: 'a', parent: 'lost' }),
        entry({ span: 'root' }),
        entry({ span: 'b', parent: 'lost' }),
        entry({ span: 'b1', parent: 'b' }),
      ]),
    ).toEqual(['1:missing', '2:0 orphan', '2:2 orphan', '3:3', '1:1']);
  });

  it('groups the pieces of one prompt that have no root in common', () => {
    expect(
      shapeOf([
        entry({ trace: null, promptId: 'p1' }),
        entry({ span: 'a', parent: 'lost', promptId: 'p1' }),
        entry({ span: 'x', promptId: 'p2' }),
        entry({ span: 'b', promptId: 'p1' }),
      ]),
    ).toEqual(['1:prompt', '2:0', '2:missing', '3:1 orphan', '2:3', '1:2']);
  });

  it('opens a circle at its earliest entry, and an entry that is its own parent stands alone', () => {
    expect(
      shapeOf([
        entry({ span: 'a', parent: 'c' }),
        entry({ span: 'b', parent: 'a' }),
        entry({ span: 'c', parent: 'b' }),
        entry({ span: 'tail', parent: 'c' }),
        entry({ span: 'self', parent: 'self' }),
      ]),
    ).toEqual(['1:0 cycle', '2:1', '3:2', '4:3', '1:4 cycle']);
  });

  it('shows both entries of one span id; children hang under the first', () => {
    expect(
      shapeOf([entry({ span: 'a' }), entry({ span: 'a' }), entry({ span: 'b', parent: 'a' })]),
    ).toEqual(['1:0', '2:2', '1:1 duplicate']);
  });

  it('says of a child that it started before its parent', () => {
    expect(
      shapeOf([
        entry({ span: 'b', parent: 'a', startedMs: 5 }),
        entry({ span: 'a', startedMs: 9 }),
      ]),
    ).toEqual(['1:1', '2:0 early']);
  });

  it('adds tokens and cost up to the outermost, and knows how many lie under each', () => {
    const [root, middle, leaf] = buildTree([
      entry({ span: 'root' }),
      entry({ span: 'a', parent: 'root', tokens: 3, cost: 0.5 }),
      entry({ span: 'b', parent: 'a', tokens: 4, cost: 0.25 }),
    ]);
    expect(root).toMatchObject({ tokens: 7, cost: 0.75, under: 2, place: 1, siblings: 1 });
    expect(middle).toMatchObject({ tokens: 7, cost: 0.75, under: 1 });
    expect(leaf).toMatchObject({ tokens: 4, cost: 0.25, under: 0 });
  });

  it('is as deep as a sender likes: 5,000 spans each within the one before', () => {
    const chain = Array.from({ length: 5000 }, (_, index) =>
      entry({ span: `s${index}`, parent: index === 0 ? null : `s${index - 1}` }),
    );
    expect(buildTree(chain).at(-1)?.level).toBe(5000);
    expect(buildTree([...chain].reverse()).at(-1)?.level).toBe(5000);
    const ring = chain.map((each, index) => (index === 0 ? { ...each, parent: 's4999' } : each));
    expect(buildTree(ring)).toHaveLength(5000);
  });
});

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const anyEntry = fc.record({
  trace: fc.constantFrom('t', 'u', null),
  span: fc.option(ids),
  parent: fc.option(ids),
  promptId: fc.option(fc.constantFrom('p', 'q')),
  tokens: fc.option(fc.nat(9)),
  cost: fc.option(fc.nat(9)),
  startedMs: fc.nat(9),
});

// If this broke, an agent could hide what it did by how it numbers its spans.
it('holds every entry exactly once, whatever senders claim of parents', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 40 }), (entries) => {
      const nodes = buildTree(entries);
      const held = nodes.flatMap(({ holds }) => (holds.as === 'entry' ? [holds.entry] : []));
      expect(held.toSorted((a, b) => a - b)).toEqual(entries.map((_, index) => index));
      nodes.forEach((node, index) => {
        expect(node.above).toBeLessThan(index);
        expect(node.level).toBe((nodes[node.above]?.level ?? 0) + 1);
        if (node.holds.as !== 'entry') expect(node.under).toBeGreaterThan(0);
      });
      const tops = nodes.filter(({ above }) => above === -1);
      expect(tops.reduce((sum, { under }) => sum + under + 1, 0)).toBe(nodes.length);
    }),
  );
});

it('hides what lies under a folded row, and nothing else', () => {
  const nodes = buildTree([
    entry({ span: 'a' }),
    entry({ span: 'b', parent: 'a' }),
    entry({ span: 'c', parent: 'b' }),
    entry({ span: 'd' }),
  ]);
  expect(visibleNodes(nodes, new Set())).toEqual([0, 1, 2, 3]);
  expect(visibleNodes(nodes, new Set([1]))).toEqual([0, 1, 3]);
  expect(visibleNodes(nodes, new Set([0, 1]))).toEqual([0, 3]);
});
