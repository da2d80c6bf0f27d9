'use client';

import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

/** Rows that the server sends ready to be seen, before this page can measure anything. */
const firstRows = 40;

export type Rows = { scrollTo: (index: number) => void };

/**
 * Thousands of rows of which only those in sight are on the page. Places are set from script: the content
 * security policy refuses style attributes.
 */
export function VirtualRows({
  count,
  scroll,
  height,
  isMeasured = false,
  kept,
  keyOf,
  handle,
  role,
  children,
}: {
  count: number;
  scroll: RefObject<HTMLElement | null>;
  /** Of a row in pixels; a guess where rows are measured. */
  height: number;
  isMeasured?: boolean;
  /** A row that stays on the page out of sight, since it may have the focus. */
  kept: number;
  keyOf: (index: number) => string;
  handle: RefObject<Rows | null>;
  /** Of the element around the rows. */
  role: 'list' | 'presentation';
  children: (index: number) => ReactNode;
}) {
  const [isMounted, setIsMounted] = useState(false);
  useEffect(() => setIsMounted(true), []);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    getItemKey: keyOf,
    overscan: 12,
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range);
      if (kept < 0 || kept >= count || inSight.includes(kept)) return inSight;
      return [...inSight, kept].sort((one, other) => one - other);
    },
  });
  useEffect(() => {
    handle.current = { scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }) };
  }, [virtual, handle]);
  const total = virtual.getTotalSize();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (isMounted) box.current?.style.setProperty('height', `${total}px`);
  }, [isMounted, total]);
  const first = () =>
    Array.from({ length: Math.min(count, firstRows) }, (_, index) => ({
      key: keyOf(index),
      index,
      start: null,
    }));
  return (
    <div ref={box} role={role} className={isMounted ? 'walk-rows' : 'walk-rows in-flow'}>
      {(isMounted ? virtual.getVirtualItems() : first()).map(({ key, index, start }) => (
        <Placed
          key={String(key)}
          index={index}
          start={start}
          measure={isMounted && isMeasured ? virtual.measureElement : null}
        >
          {children(index)}
        </Placed>
      ))}
    </div>
  );
}

function Placed({
  index,
  start,
  measure,
  children,
}: {
  index: number;
  /** Null while rows stand one below the other. */
  start: number | null;
  measure: ((element: HTMLElement | null) => void) | null;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (start !== null) box.current?.style.setProperty('transform', `translateY(${start}px)`);
  }, [start]);
  // Measured anew whenever what is in it may have changed; the virtualiser watches its size from then on.
  useLayoutEffect(() => {
    if (measure !== null) measure(box.current);
  });
  return (
    <div ref={box} data-index={index} role="presentation">
      {children}
    </div>
  );
}
