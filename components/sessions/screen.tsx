'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Erase, Opened } from '@/lib/inventory/schema';
import { type SessionViewName, sessionViews } from '@/lib/inventory/sessions/address';
import { flagLabels } from '@/lib/inventory/sessions/labels';
import type { ShownEntry } from '@/lib/inventory/sessions/schema';
import { unpackSession } from '@/lib/inventory/sessions/show';
import { layTimeline } from '@/lib/inventory/sessions/timeline';
import { LiveProvider } from '../inventory/live';
import { NewRows } from '../inventory/new-rows';
import { InteractionPanel } from '../inventory/panel';
import { ReaderView } from './reader-view';
import { TimelineView } from './timeline-view';
import { type Selection, TreeView } from './tree-view';

const viewLabels: Record<SessionViewName, string> = {
  tree: 'Tree',
  timeline: 'Timeline',
  reader: 'Reader',
};

/** Tree, timeline and reader share one selection; which view and which entry are in the address. */
export function SessionScreen({
  id,
  packed,
  first,
  nowMs,
  arrivals,
  erase,
}: {
  id: string;
  /** By `packSession`. */
  packed: string;
  first: { id: string; opened: Opened } | null;
  nowMs: number;
  /** Where later entries of it are counted; null where it has ended, or not even these all fit. */
  arrivals: { search: string; newest: string | null } | null;
  erase: Erase | null;
}) {
  const params = useSearchParams();
  const asked = params.get('view');
  const view = sessionViews.find((name) => name === asked) ?? 'tree';
  const selected = params.get('interaction');
  const [walked, setWalked] = useState<string | null>(null);
  const wasPushed = useRef(false);
  const session = useMemo(() => unpackSession(packed), [packed]);
  const timeline = useMemo(() => layTimeline(session.entries), [session]);

  const hrefOf = useCallback(
    (to: { view: SessionViewName; interaction: string | null }) => {
      const search = new URLSearchParams();
      if (to.view !== 'tree') search.set('view', to.view);
      if (to.interaction !== null) search.set('interaction', to.interaction);
      const text = search.toString();
      return text === '' ? `/sessions/${id}` : `/sessions/${id}?${text}`;
    },
    [id],
  );
  const selection: Selection = {
    current: selected ?? walked,
    isOpen: selected !== null,
    go(entry, isOpening) {
      setWalked(entry);
      if (selected === null && !isOpening) return;
      const href = hrefOf({ view, interaction: entry });
      // Walking is one step of history, so that Back closes the panel whatever was walked.
      if (selected === null) {
        window.history.pushState(null, '', href);
        wasPushed.current = true;
      } else window.history.replaceState(null, '', href);
    },
    close() {
      if (selected === null) return;
      document.querySelector<HTMLElement>('.walk-scroll')?.focus();
      if (wasPushed.current) {
        wasPushed.current = false;
        window.history.back();
      } else window.history.replaceState(null, '', hrefOf({ view, interaction: null }));
    },
  };
  const at = session.entries.findIndex((entry) => entry.id === selected);
  const stepTo = (to: number, edge: string) => {
    const entry = session.entries[to];
    return {
      go: () => (entry === undefined ? undefined : selection.go(entry.id, true)),
      unavailable:
        at === -1 ? 'This entry is not among those shown' : entry === undefined ? edge : undefined,
    };
  };
  return (
    <LiveProvider>
      <div className={selected === null ? 'split fit' : 'split fit has-panel'}>
        <div className="body session-body">
          <div className="toolbar">
            <fieldset className="seg" aria-label="View">
              {sessionViews.map((name) => (
                <button
                  key={name}
                  type="button"
                  aria-pressed={name === view}
                  onClick={() =>
                    window.history.replaceState(
                      null,
                      '',
                      hrefOf({ view: name, interaction: selected }),
                    )
                  }
                >
                  {viewLabels[name]}
                </button>
              ))}
            </fieldset>
            <span className="t3 s12 hint hide-s">
              <kbd>J</kbd> <kbd>K</kbd> next and previous, <kbd>Enter</kbd> open, <kbd>F</kbd> next
              that failed or is odd
            </span>
          </div>
          {arrivals === null ? null : <Arrived session={id} {...arrivals} />}
          {view === 'tree' ? (
            <TreeView session={session} timeline={timeline} selection={selection} />
          ) : view === 'timeline' ? (
            <TimelineView session={session} timeline={timeline} selection={selection} />
          ) : (
            <ReaderView session={id} selection={selection} />
          )}
        </div>
        {selected === null ? null : (
          <InteractionPanel
            id={selected}
            first={first}
            now={new Date(nowMs)}
            erase={erase}
            remarks={remarksOn(session.entries[at])}
            previous={stepTo(at - 1, 'This is the first entry')}
            next={stepTo(at + 1, 'This is the last entry')}
            close={selection.close}
          />
        )}
      </div>
    </LiveProvider>
  );
}

/** That a session goes on; its later entries come when somebody asks for them. */
function Arrived({
  session,
  search,
  newest,
}: {
  session: string;
  search: string;
  newest: string | null;
}) {
  const router = useRouter();
  const client = useQueryClient();
  const show = () => {
    void client.invalidateQueries({ queryKey: ['reader', session] });
    router.refresh();
  };
  return <NewRows search={search} newest={newest} show={show} />;
}

/** Of a time that is not believed, the panel tells by itself. */
const remarksOn = (entry: ShownEntry | undefined) =>
  (entry?.flags ?? [])
    .filter((flag) => flag !== 'implausible')
    .map((flag) => flagLabels[flag])
    .map(({ word, sentence }) => ({
      word: word.charAt(0).toUpperCase() + word.slice(1),
      sentence,
    }));
