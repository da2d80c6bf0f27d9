'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { LiveError, LiveProvider, readLive } from '@/components/inventory/live';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import { KeyValue } from '@/components/ui/key-value';
import { thousands } from '@/lib/inventory/labels';
import { reasonOf, replayLabels } from '@/lib/inventory/quarantine/labels';
import { type QuarantinedItem, RawItem, type Replay } from '@/lib/inventory/quarantine/schema';
import { utcTime } from '@/lib/inventory/time';
import { ReplayForm } from './replay-form';

/** One refused item: why, who sent it, and the bytes themselves, safely. */
export function QuarantinePanel({
  item,
  closeHref,
  replay,
}: {
  item: QuarantinedItem;
  closeHref: string;
  replay: Replay | null;
}) {
  const { word, sentence } = reasonOf(item.reason);
  const router = useRouter();
  useEffect(() => {
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      // What lies above closes first, by itself.
      if (document.querySelector('dialog[open], :popover-open') !== null) return;
      focusRow(item.id);
      router.push(closeHref, { scroll: false });
    };
    document.addEventListener('keydown', closeByKey);
    return () => document.removeEventListener('keydown', closeByKey);
  }, [item.id, closeHref, router]);
  return (
    <aside className="panel sheet" aria-labelledby="panel-title">
      <div className="panel-head">
        <Icon name="quarantine" />
        <h2 id="panel-title">{word}</h2>
        <span className="grow" />
        <Link
          className="btn ghost icon sm"
          href={closeHref}
          aria-label="Close, Escape"
          title="Close, Escape"
          scroll={false}
          onClick={() => focusRow(item.id)}
        >
          <Icon name="x" />
        </Link>
      </div>
      <div className="sec stack">
        <p>
          <b>{sentence}</b> <Visible text={item.detail} oneLine />
        </p>
        {item.replayState === null ? null : (
          <Callout tone={item.replayState === 'accepted' ? 'allow' : 'review'}>
            {replayLabels[item.replayState].word}
            {item.replayedAt === null ? '' : `, ${utcTime(new Date(item.replayedAt))}`}.
          </Callout>
        )}
        {replay === null || item.replayState === 'accepted' ? null : (
          <ReplayForm
            fields={[['id', item.id]]}
            replay={replay}
            label="Replay"
            unavailable={
              item.isKept ? undefined : 'It was too large to keep, so it cannot be replayed'
            }
          />
        )}
      </div>
      <div className="sec">
        <KeyValue
          rows={[
            ['Arrived', utcTime(new Date(item.receivedAt))],
            [
              'Reporter',
              <Visible key="reporter" text={item.reporterName ?? item.reporter} oneLine />,
            ],
            ['Signal', item.signal],
            ['Size', `${thousands(item.bytes)} bytes`],
            ['Digest', copied(item.digest, 'digest')],
            ['Item', copied(item.id, 'item id')],
          ]}
        />
      </div>
      {item.isKept ? (
        <LiveProvider>
          <Raw key={item.id} id={item.id} />
        </LiveProvider>
      ) : (
        <p className="sec t3 s12">It was too large to keep; its size and digest are.</p>
      )}
    </aside>
  );
}

/** Back to where the panel was opened from; an item of another page has no row here. */
const focusRow = (id: string) =>
  document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"] a`)?.focus();

const copied = (value: string, label: string) => (
  <>
    <span className="id">{value}</span>
    <CopyButton value={value} label={`Copy ${label}`} />
  </>
);

function Raw({ id }: { id: string }) {
  const { data, error } = useQuery({
    queryKey: ['quarantined', id],
    queryFn: ({ signal }) => readLive(RawItem, `/api/live/quarantined?id=${id}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) {
    return (
      <div className="sec">
        <Callout tone="critical">
          The item could not be opened. {error instanceof LiveError ? error.message : ''}
        </Callout>
      </div>
    );
  }
  if (data === undefined) return <p className="sec t3 s12">Opening the item</p>;
  if (data.state === 'none') return <p className="sec t3 s12">The item is no longer kept.</p>;
  return (
    <section className="sec">
      <div className="sec-head">
        <h3>As sent</h3>
        <span className="more t3 s11">{data.state === 'json' ? 'JSON' : 'bytes'}</span>
      </div>
      <div className="code raw">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section className="scroll tall" tabIndex={0} aria-label="The item as sent">
          <pre>{data.state === 'json' ? <Visible text={data.text} /> : data.hex}</pre>
        </section>
      </div>
    </section>
  );
}
