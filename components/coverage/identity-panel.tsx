import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { CodeBlock } from '@/components/ui/code-block';
import { KeyValue } from '@/components/ui/key-value';
import { emptyFilter, rangeSince, viewSearch } from '@/lib/inventory/address';
import type { Actor } from '@/lib/inventory/coverage/actor';
import { columns, isSilent, judge } from '@/lib/inventory/coverage/judge';
import { actorWords, columnLabels, hintsFor, isDialect } from '@/lib/inventory/coverage/labels';
import type { JoinedActor } from '@/lib/inventory/coverage/queries';
import type { CoveredIdentity } from '@/lib/inventory/coverage/schema';
import { counted, dialectLabels, identityIcons } from '@/lib/inventory/labels';
import type { Compared } from '@/lib/inventory/measured/queries';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { CellState, signalsOf } from './arrives-table';
import { MeasuredSection } from './measured-table';
import { SidePanel } from './side-panel';
import { whySilent } from './silent-table';

/** Of one identity: what arrives, what is missing, and what to set so that it does. */
export function IdentityPanel({
  identity,
  actor,
  joined,
  compared,
  isMeasured,
  owner,
  isUnowned,
  href,
  closeHref,
  now,
}: {
  identity: CoveredIdentity;
  actor: Actor;
  joined: readonly JoinedActor[];
  compared: readonly Compared[];
  /** Whether what it measured is why the panel is open. */
  isMeasured: boolean;
  /** Who answers for it, and the way to say so. */
  owner: ReactNode;
  /** Whether that nobody does is why the panel is open. */
  isUnowned: boolean;
  href: string;
  closeHref: string;
  now: Date;
}) {
  const cells = judge(identity.kind, identity);
  const gaps = columns.filter((column) => cells[column].isGap);
  const hints = [...new Set(gaps.flatMap((column) => hintsFor(column, identity.dialects)))];
  const { word, sentence } = actorWords(actor);
  const measured = compared.length === 0 ? null : <MeasuredSection compared={compared} now={now} />;
  return (
    <SidePanel
      href={href}
      icon={identityIcons[identity.kind]}
      title={<Visible text={identity.name} oneLine />}
      closeHref={closeHref}
    >
      {isUnowned ? owner : null}
      {isSilent(identity, now) ? (
        <div className="sec">
          <Callout tone="review">
            {identity.lastAt === null
              ? 'Nothing was ever seen of it.'
              : `Nothing was seen of it for ${relativeTime(identity.lastAt, now).replace(' ago', '')}.`}{' '}
            {whySilent(identity, now)}
          </Callout>
        </div>
      ) : null}
      {isMeasured ? measured : null}
      <section className="sec" aria-label="What arrives">
        <ul className="coverage-cells">
          {columns.map((column) => (
            <li key={column}>
              <b>{columnLabels[column]}</b>
              <CellState cell={cells[column]} now={now} />
              <p className="t2 s12">{cells[column].sentence}</p>
            </li>
          ))}
        </ul>
      </section>
      {hints.length === 0 ? null : (
        <section className="sec stack-3" aria-labelledby="hints">
          <h3 id="hints">To get {inWords(gaps.map((gap) => columnLabels[gap].toLowerCase()))}</h3>
          {hints.map((hint) => (
            <div key={hint.sentence} className="stack">
              <p className="t2 s12">{hint.sentence}</p>
              {hint.code === null ? null : <CodeBlock title={hint.title} code={hint.code} wrap />}
            </div>
          ))}
        </section>
      )}
      <div className="sec">
        <KeyValue
          rows={[
            ['Actor', `${word}. ${sentence}`],
            ['Signals', signalsOf(identity)],
            [
              'Dialects',
              identity.dialects
                .map((dialect) => (isDialect(dialect) ? dialectLabels[dialect] : dialect))
                .join(', ') || 'None',
            ],
            ['In 7 days', counted(identity.interactions, 'entry', 'entries')],
            ['First seen', identity.firstAt === null ? 'Never' : utcTime(identity.firstAt)],
            ['Last seen', identity.lastAt === null ? 'Never' : utcTime(identity.lastAt)],
          ]}
        />
        <p className="s12 coverage-more">
          <Link href={`/identities/${identity.id}`}>Open its page</Link>, or{' '}
          <Link href={`/inventory?identity=${identity.id}&from=7d`}>see it in the inventory</Link>
        </p>
      </div>
      {isMeasured ? null : measured}
      {isUnowned ? null : owner}
      {joined.length === 0 ? null : (
        <section className="sec stack" aria-labelledby="joined">
          <h3 id="joined">Before it was registered</h3>
          {joined.map((one) => (
            <p key={one.fingerprint} className="s12 t2">
              {counted(one.interactions, 'entry', 'entries')} of fingerprint{' '}
              <Link
                className="id"
                href={`/inventory${viewSearch({
                  filter: { ...emptyFilter(), fingerprint: [one.fingerprint] },
                  range: rangeSince(one.firstAt ?? one.since),
                })}`}
                prefetch={false}
              >
                {one.fingerprint.slice(0, 12)}
              </Link>
              , registered {relativeTime(one.since, now)}. They stay as they were told.
            </p>
          ))}
        </section>
      )}
    </SidePanel>
  );
}

const inWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
