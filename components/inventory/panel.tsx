'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon, type IconName } from '@/components/ui/icon';
import { KeyValue } from '@/components/ui/key-value';
import { kindLabels, thousands, verdictOf } from '@/lib/inventory/labels';
import {
  type Erase,
  type ErasedEntry,
  type InteractionDetail,
  Opened,
} from '@/lib/inventory/schema';
import { utcTime } from '@/lib/inventory/time';
import { ContentSections, goneSentence } from './content';
import { EraseDialog } from './erase-dialog';
import { Facts, Oddities, type Remark } from './facts';
import { StatusWord } from './interaction-table';
import { LiveError, readLive } from './live';
import { Redactions, Visible } from './visible';

type Step = { go: () => void; unavailable: string | undefined };

/** One interaction: the sentence that answers first, then the facts that prove it, then what was said. */
export function InteractionPanel({
  id,
  first,
  now,
  erase,
  remarks = [],
  onGone,
  previous,
  next,
  close,
}: {
  id: string;
  /** What the server already read for this page. */
  first: { id: string; opened: Opened } | null;
  now: Date;
  /** Null for whoever may not. */
  erase: Erase | null;
  /** What is odd about it among the others of the page. */
  remarks?: readonly Remark[];
  /** All that it says has been erased. */
  onGone?: (id: string) => void;
  previous: Step;
  next: Step;
  close: () => void;
}) {
  const { data, error, refetch } = useQuery({
    queryKey: ['interaction', id],
    queryFn: ({ signal }) => readLive(Opened, `/api/live/interaction?id=${id}`, signal),
    ...(first?.id === id ? { initialData: first.opened } : {}),
    staleTime: 60_000,
  });
  const interaction = data?.state === 'kept' ? data.interaction : null;
  return (
    <aside
      className="panel sheet"
      aria-labelledby="panel-title"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close();
      }}
    >
      <div className="panel-head">
        <Redactions redacted={interaction?.redacted ?? null}>
          <Title interaction={interaction} />
        </Redactions>
        <span className="grow" />
        <IconButton icon="up" label="Previous row, K" {...previous} />
        <IconButton icon="down" label="Next row, J" {...next} />
        <IconButton
          icon="link"
          label="Copy link"
          go={() => void copyLink()}
          unavailable={undefined}
        />
        <IconButton icon="x" label="Close, Escape" go={close} unavailable={undefined} />
      </div>
      {error !== null ? (
        <div className="sec stack">
          <Callout tone="critical" live>
            This interaction could not be read. {error instanceof LiveError ? error.message : ''}
          </Callout>
          <p>
            <Button onClick={() => void refetch()}>Try again</Button>
          </p>
        </div>
      ) : null}
      {data?.state === 'gone' ? <Gone entry={data.entry} /> : null}
      {data?.state === 'missing' ? <p className="sec">No entry of the log has this id.</p> : null}
      {interaction === null ? null : (
        <Redactions redacted={interaction.redacted}>
          <Verdict interaction={interaction} />
          <Oddities interaction={interaction} remarks={remarks} />
          <Facts interaction={interaction} now={now} />
          <ContentSections key={id} id={id} />
          {erase === null ? null : <EraseDialog key={id} id={id} erase={erase} onGone={onGone} />}
        </Redactions>
      )}
    </aside>
  );
}

function Title({ interaction }: { interaction: InteractionDetail | null }) {
  if (interaction === null) {
    return <h2 id="panel-title">Interaction</h2>;
  }
  return (
    <>
      <Icon name={kindLabels[interaction.kind].icon} />
      <h2 id="panel-title" className="mono trunc">
        <Visible text={interaction.resource ?? interaction.name} oneLine />
      </h2>
    </>
  );
}

function Verdict({ interaction }: { interaction: InteractionDetail }) {
  const { claim, rest } = verdictOf(interaction);
  return (
    <section className="sec stack" aria-label="In a sentence">
      <p>
        <b>{claim}</b> {rest}
      </p>
      <p>
        <StatusWord row={interaction} />
      </p>
    </section>
  );
}

function Gone({ entry }: { entry: ErasedEntry }) {
  return (
    <>
      <div className="sec">
        <Callout tone="review">{goneSentence(entry)}</Callout>
      </div>
      <div className="sec">
        <KeyValue
          rows={[
            ['Arrived', utcTime(new Date(entry.receivedAt))],
            ['Entry', copied(entry.id, 'entry id')],
            ['Place', `shard ${entry.shard}, position ${thousands(BigInt(entry.position))}`],
            ['Leaf', copied(entry.leaf, 'leaf hash')],
          ]}
        />
      </div>
    </>
  );
}

const copied = (value: string, label: string): ReactNode => (
  <>
    <span className="id">{value}</span>
    <CopyButton value={value} label={`Copy ${label}`} />
  </>
);

function IconButton({ icon, label, go, unavailable }: Step & { icon: IconName; label: string }) {
  return (
    <Button
      variant="ghost"
      size="small"
      iconOnly
      aria-label={label}
      title={label}
      unavailable={unavailable}
      onClick={go}
    >
      <Icon name={icon} />
    </Button>
  );
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(window.location.href);
    announce('Copied');
  } catch {
    announce('The browser refused to copy. Copy the address of the page yourself.');
  }
}
