'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import type { Erase, InteractionRow, Opened } from '@/lib/inventory/schema';
import { isFollowed } from '@/lib/inventory/tail/live-list';
import { InteractionTable } from './interaction-table';
import { LiveProvider } from './live';
import { LiveState, useLiveRows } from './live-rows';
import { NewRows } from './new-rows';
import { PageSteps } from './page-steps';
import { InteractionPanel } from './panel';

/**
 * List and panel. Which row is open is in the address and changes without asking the server for the list
 * again, so that no row ever moves under the pointer.
 */
export function InventoryScreen({
  rows: loaded,
  first,
  nowMs,
  search,
  hasNewer,
  hasOlder,
  notLive,
  erase,
  facets,
  pulse,
  empty,
}: {
  rows: InteractionRow[];
  first: { id: string; opened: Opened } | null;
  nowMs: number;
  /** The address of this page of the list, without what is open. */
  search: string;
  hasNewer: boolean;
  hasOlder: boolean;
  /** Why nothing can be live on this page; null where it can. */
  notLive: string | null;
  erase: Erase | null;
  facets: ReactNode;
  pulse: ReactNode;
  empty: ReactNode;
}) {
  const selected = useSearchParams().get('interaction');
  const router = useRouter();
  const now = new Date(nowMs);
  const wasPushed = useRef(false);
  const body = useRef<HTMLDivElement>(null);
  const live = useLiveRows({ rows: loaded, search, selected, within: body });
  // What arrived live is on this page only, so reading the list anew does not take an erased one away.
  const [gone, setGone] = useState<readonly string[]>([]);
  const rows = live.rows.filter(({ id }) => !gone.includes(id));

  const hrefOf = useCallback(
    (id: string | null) => {
      const params = new URLSearchParams(search);
      if (id !== null) params.set('interaction', id);
      const text = params.toString();
      return text === '' ? '/inventory' : `/inventory?${text}`;
    },
    [search],
  );
  const open = (id: string) => {
    // Walking rows is one step of history, so that Back closes the panel whatever was walked.
    if (selected === null) {
      window.history.pushState(null, '', hrefOf(id));
      wasPushed.current = true;
    } else window.history.replaceState(null, '', hrefOf(id));
  };
  const close = () => {
    if (wasPushed.current) {
      wasPushed.current = false;
      window.history.back();
    } else window.history.replaceState(null, '', hrefOf(null));
  };

  const at = rows.findIndex(({ id }) => id === selected);
  const stepTo = (to: number, edge: string) => {
    const row = rows[to];
    return {
      go: () => (row === undefined ? undefined : open(row.id)),
      unavailable: at === -1 ? 'This row is on another page' : row === undefined ? edge : undefined,
    };
  };
  return (
    <LiveProvider>
      <div className={selected === null ? 'split fit' : 'split fit has-panel'}>
        {facets}
        <div className="body" ref={body}>
          {pulse}
          <div className="live-line">
            {notLive !== null || isFollowed(live.list) ? null : (
              <NewRows search={search} newest={rows[0]?.id ?? null} show={() => router.refresh()} />
            )}
            <span className="grow" />
            <LiveState list={live.list} act={live.act} unavailable={notLive ?? undefined} />
          </div>
          <InteractionTable
            rows={rows}
            selected={selected}
            now={now}
            actions={{ hrefOf, open, close }}
            gap={live.list.unread}
            empty={empty}
          />
          <PageSteps
            rows={rows}
            search={search}
            hasNewer={hasNewer}
            hasOlder={hasOlder || live.isCut}
          />
        </div>
        {selected === null ? null : (
          <InteractionPanel
            id={selected}
            first={first}
            now={now}
            erase={erase}
            onGone={(id) => setGone([...gone, id])}
            previous={stepTo(at - 1, 'This is the first row of the page')}
            next={stepTo(at + 1, 'This is the last row of the page')}
            close={close}
          />
        )}
      </div>
    </LiveProvider>
  );
}
