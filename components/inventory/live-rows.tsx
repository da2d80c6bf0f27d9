'use client';

import { type RefObject, useEffect, useReducer, useRef } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { thousands } from '@/lib/inventory/labels';
import type { InteractionRow } from '@/lib/inventory/schema';
import {
  isFollowed,
  type LiveAction,
  type LiveList,
  liveListOff,
  nextLiveList,
  shownMax,
} from '@/lib/inventory/tail/live-list';
import { follow } from './follow';

export type LiveRows = {
  list: LiveList;
  /** Live ones above the page's own. */
  rows: readonly InteractionRow[];
  /** Whether there are more than a page holds, so that the oldest are not among them. */
  isCut: boolean;
  act: (action: LiveAction) => void;
};

const announceEveryMs = 10_000;

/** The rows of the page, and above them what arrives while somebody watches. */
export function useLiveRows({
  rows,
  search,
  selected,
  within,
}: {
  rows: readonly InteractionRow[];
  search: string;
  selected: string | null;
  /** Where reading pauses it: scrolling, focus in a row, marked text. */
  within: RefObject<HTMLElement | null>;
}): LiveRows {
  const [list, act] = useReducer(nextLiveList, liveListOff);
  const isOn = isFollowed(list);
  const own = new Set(rows.map(({ id }) => id));
  const all = [...list.arrived.filter(({ id }) => !own.has(id)), ...rows];
  const shown = all.slice(0, shownMax);
  const newest = useRef<string | null>(null);
  useEffect(() => {
    newest.current = shown[0]?.id ?? null;
  });
  const page = useRef(rows);
  useEffect(() => {
    if (page.current !== rows) act({ type: 'reloaded', rows });
    page.current = rows;
  }, [rows]);

  useEffect(() => {
    if (!isOn) return;
    const left = new AbortController();
    const known = () => new Set(page.current.map(({ id }) => id));
    void follow(
      () => {
        const params = new URLSearchParams(search);
        if (newest.current !== null) params.set('after', newest.current);
        return `/api/live/tail?${params}`;
      },
      (event) => act(event.type === 'rows' ? { ...event, known: known() } : event),
      left.signal,
    );
    return () => left.abort();
  }, [isOn, search]);

  useEffect(() => {
    if (isOn && selected !== null) act({ type: 'pause' });
  }, [isOn, selected]);
  usePauses(isOn, within, act);
  useAnnounced(list);
  return { list, rows: shown, isCut: all.length > shownMax, act };
}

function usePauses(
  isOn: boolean,
  within: RefObject<HTMLElement | null>,
  act: (action: LiveAction) => void,
) {
  useEffect(() => {
    if (!isOn) return;
    const pause = () => act({ type: 'pause' });
    const onScroll = ({ target }: Event) => {
      const isOurs = target === document || within.current?.contains(target as Node) === true;
      if (isOurs) pause();
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.closest('tr[data-id]') !== null) pause();
    };
    const onSelection = () => {
      const marked = document.getSelection();
      if (marked?.isCollapsed === false && within.current?.contains(marked.anchorNode)) pause();
    };
    let isOver = within.current?.querySelector('tr[data-id]:hover') != null;
    if (isOver) act({ type: 'hold' });
    const onPointer = ({ target, pointerType }: PointerEvent) => {
      const isRow = target instanceof Element && target.closest('tr[data-id]') !== null;
      // A finger that has left still counts as over what it touched.
      if (isRow === isOver || pointerType === 'touch') return;
      isOver = isRow;
      act({ type: isOver ? 'hold' : 'release' });
    };
    const onLeave = () => {
      if (isOver) act({ type: 'release' });
      isOver = false;
    };
    const passive = { capture: true, passive: true };
    document.addEventListener('pointerover', onPointer);
    document.documentElement.addEventListener('pointerleave', onLeave);
    document.addEventListener('scroll', onScroll, passive);
    document.addEventListener('focusin', onFocus);
    document.addEventListener('selectionchange', onSelection);
    return () => {
      document.removeEventListener('pointerover', onPointer);
      document.documentElement.removeEventListener('pointerleave', onLeave);
      document.removeEventListener('scroll', onScroll, passive);
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('selectionchange', onSelection);
    };
  }, [isOn, within, act]);
}

/** A count now and then: a screen reader that is told every row is told nothing. */
function useAnnounced(list: LiveList) {
  const count = useRef(0);
  count.current = list.came;
  const isOn = isFollowed(list);
  useEffect(() => {
    if (!isOn) return;
    let told = count.current;
    const timer = setInterval(() => {
      const fresh = count.current - told;
      told = count.current;
      if (fresh > 0) announce(`${thousands(fresh)} new ${fresh === 1 ? 'row' : 'rows'}`);
    }, announceEveryMs);
    return () => clearInterval(timer);
  }, [isOn]);
}

/** What the live list does just now, and how to change it. A button that was pressed stays, and keeps the focus. */
export function LiveState({
  list,
  act,
  unavailable,
}: Pick<LiveRows, 'list' | 'act'> & {
  /** Why nothing can be live here. */
  unavailable: string | undefined;
}) {
  const isOn = isFollowed(list);
  const isPaused = list.mode === 'paused';
  const waiting = list.waiting.length;
  return (
    <>
      {unavailable === undefined ? null : <span className="t3">{unavailable}</span>}
      <span role="status">
        {isOn ? (
          <span className={words(list) === 'Live' ? 'state on' : 'state wait'}>{words(list)}</span>
        ) : (
          list.message !== null && `Live ended. ${list.message}`
        )}
      </span>
      {isOn && waiting > 0 ? <span className="t3">{thousands(waiting)} waiting</span> : null}
      {list.leftOut === 0 ? null : (
        <span className="t3">
          Sampled: {thousands(list.leftOut)} came too fast to show and are in the list.
        </span>
      )}
      {list.unread === null ? null : (
        <span className="t3">
          {thousands(list.unread.count)} more arrived while you read; load the page again.
        </span>
      )}
      {isOn ? (
        <Button size="small" onClick={() => act({ type: isPaused ? 'resume' : 'pause' })}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      ) : null}
      <Button
        size="small"
        unavailable={unavailable}
        onClick={() => act({ type: isOn ? 'stop' : 'start' })}
      >
        {isOn ? null : <Icon name="play" size={12} />}
        {isOn ? 'End live' : 'Live'}
      </Button>
    </>
  );
}

function words({ mode, link }: LiveList): string {
  if (mode === 'paused') return link === 'lost' ? 'Paused, reconnecting' : 'Paused';
  if (link === 'connecting') return 'Connecting';
  return link === 'lost' ? 'Reconnecting' : 'Live';
}
