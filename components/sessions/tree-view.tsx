'use client';

import { type MouseEvent, useMemo, useState } from 'react';
import { Icon } from '@/components/ui/icon';
import { amount, thousands } from '@/lib/inventory/labels';
import type { ShownEntry } from '@/lib/inventory/sessions/schema';
import { isOdd, type ShownNode, type ShownSession } from '@/lib/inventory/sessions/show';
import type { Timeline } from '@/lib/inventory/sessions/timeline';
import { visibleNodes } from '@/lib/inventory/sessions/tree';
import { BarKey, EntryName, Scale, TimeBar, tokensOf, tookOf } from './span-row';
import { Walk } from './walk';

/** Deeper ones are indented no further; their level is told to screen readers. */
const indentMax = 8;

export type Selection = {
  /** The entry that is walked on or open. */
  current: string | null;
  isOpen: boolean;
  /** Makes an entry the current one; opens it where `isOpening`, or where one is open. */
  go: (id: string, isOpening: boolean) => void;
  close: () => void;
};

/** The session as a tree: what was done within what. */
export function TreeView({
  session: { entries, nodes },
  timeline,
  selection,
}: {
  session: ShownSession;
  timeline: Timeline;
  selection: Selection;
}) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  /** A group that is walked on holds no entry, so the address cannot name it; until another entry is current. */
  const [group, setGroup] = useState<{ node: number; current: string | null } | null>(null);
  const shown = useMemo(() => visibleNodes(nodes, folded), [nodes, folded]);
  const byEntry = useMemo(() => {
    const found = new Map<string, number>();
    nodes.forEach(({ holds }, index) => {
      if (holds.as === 'entry') found.set(entries[holds.entry]?.id ?? '', index);
    });
    return found;
  }, [nodes, entries]);

  const node =
    group !== null && group.current === selection.current
      ? group.node
      : (byEntry.get(selection.current ?? '') ?? 0);
  const active = shown.indexOf(outermostFolded(node, nodes, folded));
  const entryAt = (row: number): ShownEntry | null => entryOf(nodes[shown[row] ?? -1], entries);

  function moveTo(row: number, isOpening = false) {
    const entry = entryAt(row);
    setGroup(entry === null ? { node: shown[row] ?? 0, current: selection.current } : null);
    if (entry !== null) selection.go(entry.id, isOpening);
    else if (isOpening) toggle(shown[row] ?? -1);
  }
  function toggle(index: number, isFolded = !folded.has(index)) {
    if ((nodes[index]?.under ?? 0) === 0) return;
    const next = new Set(folded);
    if (isFolded) next.add(index);
    else next.delete(index);
    setFolded(next);
  }
  /** Right opens and enters, left closes and leaves. */
  function fold(key: string, row: number): boolean {
    const index = shown[row] ?? -1;
    const at = nodes[index];
    if (at === undefined || (key !== 'ArrowRight' && key !== 'ArrowLeft')) return false;
    const isFolded = folded.has(index);
    if (key === 'ArrowRight') {
      if (isFolded) toggle(index, false);
      else if (at.under > 0) moveTo(row + 1);
    } else if (at.under > 0 && !isFolded) toggle(index, true);
    else if (at.above >= 0) moveTo(shown.indexOf(at.above));
    return true;
  }
  const findNext = (row: number) => {
    for (let next = row + 1; next < shown.length; next += 1) {
      const entry = entryAt(next);
      if (entry !== null && isOdd(entry)) return next;
    }
    return row;
  };

  return (
    <Walk
      label="Entries of the session, as a tree"
      role="tree"
      className="walk is-tree"
      count={shown.length}
      active={active}
      keyOf={(row) => String(shown[row])}
      keys={{
        moveTo,
        open: (row) => moveTo(row, true),
        close: selection.close,
        findNext,
        other: fold,
      }}
      head={
        <div className="walk-head">
          <span>Entry</span>
          <span className="num">Tokens</span>
          <span className="num">Cost, USD</span>
          <Scale timeline={timeline} />
          <span className="num">Took</span>
        </div>
      }
      foot={<BarKey />}
    >
      {(row, isActive) => {
        const index = shown[row] ?? -1;
        const at = nodes[index];
        if (at === undefined) return null;
        const entry = entryOf(at, entries);
        return (
          <TreeRow
            index={index}
            node={at}
            entry={entry}
            timeline={timeline}
            isFolded={folded.has(index)}
            isActive={isActive}
            isSelected={isActive && selection.isOpen && entry !== null}
            onClick={(event) => {
              const target = event.target instanceof Element ? event.target : null;
              if (target?.closest('.fold') != null) toggle(index);
              else moveTo(row, true);
            }}
          />
        );
      }}
    </Walk>
  );
}

/** The row that stands for a node which lies under a folded one. */
function outermostFolded(
  index: number,
  nodes: readonly ShownNode[],
  folded: ReadonlySet<number>,
): number {
  let shown = index;
  for (let at = nodes[index]?.above ?? -1; at >= 0; at = nodes[at]?.above ?? -1)
    if (folded.has(at)) shown = at;
  return shown;
}

const entryOf = (node: ShownNode | undefined, entries: readonly ShownEntry[]): ShownEntry | null =>
  node?.holds.as === 'entry' ? (entries[node.holds.entry] ?? null) : null;

function TreeRow({
  index,
  node,
  entry,
  timeline,
  isFolded,
  isActive,
  isSelected,
  onClick,
}: {
  index: number;
  node: ShownNode;
  entry: ShownEntry | null;
  timeline: Timeline;
  isFolded: boolean;
  isActive: boolean;
  isSelected: boolean;
  onClick: (event: MouseEvent<HTMLDivElement>) => void;
}) {
  const { holds, level, under } = node;
  const classes = ['walk-row', entry === null ? 'is-group' : '', isActive ? 'is-active' : ''];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it answers keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active row
    <div
      id={`walk-${index}`}
      role="treeitem"
      className={classes.filter(Boolean).join(' ')}
      aria-level={level}
      aria-posinset={node.place}
      aria-setsize={node.siblings}
      aria-selected={isSelected}
      {...(under > 0 ? { 'aria-expanded': !isFolded } : {})}
      onClick={onClick}
    >
      <div className={`walk-name d-${Math.min(level, indentMax)}`}>
        <span className="fold" aria-hidden="true">
          {under > 0 ? <Icon name="right" size={12} /> : null}
        </span>
        {entry === null ? (
          <span className="trunc">
            {holds.as === 'prompt' ? 'Prompt' : 'Parent not received'}{' '}
            <span className="t3">
              {holds.as === 'missing' ? <span className="mono">{holds.span} </span> : null}
              {thousands(under)} below
            </span>
          </span>
        ) : (
          <EntryName entry={entry} />
        )}
      </div>
      <span className="num t3">{tokensOf(node.tokens)}</span>
      <span className="num t3">{node.cost === null ? '' : amount(node.cost)}</span>
      <TimeBar
        entry={entry}
        bar={holds.as === 'entry' ? timeline.bars[holds.entry] : undefined}
        gaps={timeline.gaps}
      />
      <span className="num t2">{entry === null ? '' : tookOf(entry)}</span>
    </div>
  );
}
