'use client';

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { type Rows, VirtualRows } from './virtual-rows';

export type WalkKeys = {
  /** Moves to a row, which is then in sight. */
  moveTo: (index: number) => void;
  open: (index: number) => void;
  close: () => void;
  /** Jumps to the next row that failed or is odd. */
  findNext: (index: number) => number;
  /** What else a list does on a key; true where it did. */
  other?: (key: string, index: number) => boolean;
};

/**
 * A list of thousands that is walked by key while it has focus: J, K and the arrows, Home, End, Enter, F, Escape.
 * Focus stays on the list, so that a row may leave the page while one walks; the active one is named.
 */
export function Walk({
  label,
  role,
  count,
  active,
  rowHeight = 28,
  isMeasured = false,
  className = 'walk',
  keyOf,
  keys,
  head,
  foot,
  children,
}: {
  label: string;
  role: 'tree' | 'listbox' | 'list';
  count: number;
  active: number;
  rowHeight?: number;
  isMeasured?: boolean;
  className?: string;
  keyOf: (index: number) => string;
  keys: WalkKeys;
  head?: ReactNode;
  foot?: ReactNode;
  children: (index: number, isActive: boolean) => ReactNode;
}) {
  const isList = role === 'list';
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useRef<Rows | null>(null);
  // Only a change scrolls: whoever scrolls away by hand is left where they are.
  const last = useRef(-1);
  useEffect(() => {
    if (active < 0 || active === last.current) return;
    last.current = active;
    rows.current?.scrollTo(active);
    if (role !== 'list' || scroll.current?.contains(document.activeElement) !== true) return;
    // What is read is an article of its own, so focus goes with it, once it is on the page.
    const frame = requestAnimationFrame(() =>
      scroll.current
        ?.querySelector<HTMLElement>(`[data-walk="${active}"]`)
        ?.focus({ preventScroll: true }),
    );
    return () => cancelAnimationFrame(frame);
  }, [active, role]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Math.max(0, active);
    const to = targetOf(event.key, at, count, keys);
    if (to !== null) moveTo(Math.max(0, Math.min(count - 1, to)), at);
    else if (event.key === 'Enter' && !isControl(event.target)) keys.open(at);
    else if (event.key === 'Escape') keys.close();
    else if (keys.other?.(event.key, at) !== true) return;
    event.preventDefault();
  }

  function moveTo(to: number, from: number) {
    // The row that has the focus may be out of sight, and leaves the page once it is not the active one.
    if (isList && to !== from) scroll.current?.focus({ preventScroll: true });
    keys.moveTo(to);
  }

  return (
    <div className={className}>
      {head}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it has the role that is given to it */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: of the same */}
      <div
        ref={scroll}
        className="walk-scroll"
        onKeyDown={onKeyDown}
        tabIndex={0}
        role={isList ? 'region' : role}
        aria-label={label}
        {...(isList || active < 0 ? {} : { 'aria-activedescendant': `walk-${keyOf(active)}` })}
      >
        <VirtualRows
          count={count}
          scroll={scroll}
          height={rowHeight}
          isMeasured={isMeasured}
          kept={active}
          keyOf={keyOf}
          handle={rows}
          role={isList ? 'list' : 'presentation'}
        >
          {(index) => children(index, index === active)}
        </VirtualRows>
      </div>
      {foot}
    </div>
  );
}

const isControl = (target: EventTarget): boolean =>
  target instanceof Element && target.closest('a, button, summary') !== null;

function targetOf(key: string, at: number, count: number, keys: WalkKeys): number | null {
  if (key === 'j' || key === 'ArrowDown') return at + 1;
  if (key === 'k' || key === 'ArrowUp') return at - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if (key === 'f') return keys.findNext(at);
  return null;
}
