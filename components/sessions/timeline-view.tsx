'use client';

import type { ShownSession } from '@/lib/inventory/sessions/show';
import { isOdd } from '@/lib/inventory/sessions/show';
import { clockText, type Timeline } from '@/lib/inventory/sessions/timeline';
import { BarKey, EntryName, Scale, TimeBar, tookOf } from './span-row';
import type { Selection } from './tree-view';
import { Walk } from './walk';

/** The session as a waterfall: what happened when, in order. */
export function TimelineView({
  session: { entries },
  timeline,
  selection,
}: {
  session: ShownSession;
  timeline: Timeline;
  selection: Selection;
}) {
  const found = entries.findIndex(({ id }) => id === selection.current);
  const active = found === -1 ? 0 : found;
  const go = (row: number, isOpening: boolean) => {
    const entry = entries[row];
    if (entry !== undefined) selection.go(entry.id, isOpening);
  };
  const findNext = (row: number) => {
    const next = entries.findIndex((entry, index) => index > row && isOdd(entry));
    return next === -1 ? row : next;
  };
  return (
    <Walk
      label="Entries of the session, by time"
      role="listbox"
      className="walk is-timeline"
      count={entries.length}
      active={active}
      keyOf={(row) => String(row)}
      keys={{
        moveTo: (row) => go(row, false),
        open: (row) => go(row, true),
        close: selection.close,
        findNext,
      }}
      head={
        <div className="walk-head">
          <span>Entry</span>
          <span className="num">After</span>
          <Scale timeline={timeline} />
          <span className="num">Took</span>
        </div>
      }
      foot={<BarKey />}
    >
      {(row, isActive) => {
        const entry = entries[row];
        if (entry === undefined) return null;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it answers keys
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active row
          <div
            id={`walk-${row}`}
            role="option"
            className={isActive ? 'walk-row is-active' : 'walk-row'}
            aria-selected={isActive && selection.isOpen}
            aria-posinset={row + 1}
            aria-setsize={entries.length}
            onClick={() => go(row, true)}
          >
            <div className="walk-name">
              <EntryName entry={entry} />
            </div>
            <span className="num t3">{clockText(entry.atMs, timeline.lengthMs)}</span>
            <TimeBar entry={entry} bar={timeline.bars[row]} gaps={timeline.gaps} />
            <span className="num t2">{tookOf(entry)}</span>
          </div>
        );
      }}
    </Walk>
  );
}
