'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { thousands } from '@/lib/inventory/labels';
import { pairCalls } from '@/lib/inventory/sessions/pair-calls';
import { ReaderPage, type Turn } from '@/lib/inventory/sessions/reader';
import { LiveError, readLive } from '../inventory/live';
import type { Selection } from './tree-view';
import { TurnView } from './turn';
import { Walk } from './walk';

/** The session as a conversation, opened part by part: each part that is opened is on record. */
export function ReaderView({ session, selection }: { session: string; selection: Selection }) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['reader', session],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      readLive(
        ReaderPage,
        `/api/live/reader?session=${session}${pageParam === null ? '' : `&after=${pageParam}`}`,
        signal,
      ),
    getNextPageParam: ({ after }) => after,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const turns = useMemo(() => data?.pages.flatMap((page) => page.turns) ?? [], [data]);
  const last = data?.pages.at(-1);
  const paired = useMemo(() => pairCalls(turns, !hasNextPage), [turns, hasNextPage]);
  const [at, setAt] = useState(0);
  const active =
    turns[at]?.entry === selection.current
      ? at
      : Math.max(
          0,
          turns.findIndex(({ entry }) => entry === selection.current),
        );
  const go = (index: number, isOpening: boolean) => {
    const turn = turns[index];
    if (turn === undefined) return;
    setAt(index);
    selection.go(turn.entry, isOpening);
  };
  if (error !== null && data === undefined) {
    return (
      <div className="sec stack">
        <Callout tone="critical" live>
          The conversation could not be read. {error instanceof LiveError ? error.message : ''}
        </Callout>
        <p>
          <Button onClick={() => void refetch()}>Try again</Button>
        </p>
      </div>
    );
  }
  if (last === undefined) return <p className="sec t3 s12">Opening the conversation</p>;
  if (turns.length === 0)
    return <p className="sec t3 s12">Nothing was read, said or done that could be told here.</p>;
  const isOdd = (turn: Turn) =>
    turn.says.some((say) => say.as === 'error' || paired.outcomes.get(say) === 'none');
  return (
    <>
      {last.withheld === null ? null : (
        <div className="sec">
          <Callout>{last.withheld} Kinds, sizes and digests are shown.</Callout>
        </div>
      )}
      <Walk
        label="What was read, said and done"
        role="list"
        className="walk is-reader"
        count={turns.length}
        active={active}
        rowHeight={96}
        isMeasured
        keyOf={(index) => String(index)}
        keys={{
          moveTo: (index) => go(index, false),
          open: (index) => go(index, true),
          close: selection.close,
          findNext: (index) => {
            const next = turns.findIndex((turn, place) => place > index && isOdd(turn));
            return next === -1 ? index : next;
          },
        }}
      >
        {(index) => {
          const turn = turns[index];
          if (turn === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it answers keys
            // biome-ignore lint/a11y/useSemanticElements: what places it lies between it and the list
            <div
              role="listitem"
              data-walk={index}
              tabIndex={-1}
              aria-posinset={index + 1}
              aria-setsize={hasNextPage ? -1 : turns.length}
              className={turn.entry === selection.current ? 'turn is-selected' : 'turn'}
              {...(index === active ? { 'aria-current': 'true' as const } : {})}
              onClick={(event) => {
                if (isSelecting(event.target)) return;
                go(index, true);
              }}
            >
              <TurnView turn={turn} paired={paired} />
            </div>
          );
        }}
      </Walk>
      <div className="walk-foot row wrap s12">
        {thousands(last.done)} of {thousands(last.entries)} entries read
        {hasNextPage ? (
          <Button
            size="small"
            unavailable={isFetching ? 'The next part is being opened' : undefined}
            onClick={() => void fetchNextPage()}
          >
            Read on
          </Button>
        ) : null}
        {error === null ? null : (
          <span className="tone-critical">The next part could not be read. Try again.</span>
        )}
      </div>
    </>
  );
}

/** Marking text, or using what is in a turn, is not opening its entry. */
const isSelecting = (target: EventTarget): boolean =>
  document.getSelection()?.isCollapsed === false ||
  (target instanceof Element && target.closest('a, button, summary') !== null);
