import Link from 'next/link';
import type { IdentityChoices } from '@/components/identities/identity-fields';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import { KeyValue } from '@/components/ui/key-value';
import { isDeclarable } from '@/lib/identities/schema';
import { emptyFilter, rangeSince, viewSearch } from '@/lib/inventory/address';
import { declaredNames, nameFor } from '@/lib/inventory/coverage/resemble';
import {
  coverageHref,
  type Decide,
  ignoredForDays,
  type Register,
  type ShadowActor,
  type ShadowReporter,
} from '@/lib/inventory/coverage/schema';
import type { LatestEntry } from '@/lib/inventory/coverage/shadow/queries';
import { counted, kindLabels, thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { IgnoreForm, UnignoreForm } from './decide-forms';
import { RegisterForm } from './register-form';
import { DeclaredWord } from './shadow-table';
import { SidePanel } from './side-panel';

/** Null is what the reader may not. */
export type ShadowActions = {
  register: { act: Register; choices: IdentityChoices; me: string } | null;
  ignore: Decide;
  unignore: Decide;
};

/** One unregistered actor: what it did, what it says of itself, and what to make of it. */
export function ShadowPanel({
  actor,
  reporters,
  entries,
  actions,
  href,
  closeHref,
  now,
}: {
  actor: ShadowActor;
  reporters: readonly ShadowReporter[];
  entries: readonly LatestEntry[];
  actions: ShadowActions | null;
  href: string;
  closeHref: string;
  now: Date;
}) {
  // Names that were too many have nothing in common but their reporter.
  const others = actor.isCrowd ? [] : reporters.filter(({ id }) => id !== actor.reporter.id);
  const key = `${actor.fingerprint} ${actor.reporter.id}`;
  return (
    <SidePanel
      href={href}
      icon="shadow"
      title={<DeclaredWord actor={actor} />}
      closeHref={closeHref}
    >
      <Judgement actor={actor} now={now} />
      <div className="sec">
        <KeyValue
          rows={[
            ['Declared name', foreign(actor.declaredName)],
            ['Declared id', foreign(actor.declaredId)],
            ['Service', foreign(actor.service)],
            ['Reporter', <Visible key="reporter" text={actor.reporter.name} oneLine />],
            [
              'Reported also by',
              others.length === 0
                ? null
                : others.map(({ id, name, interactions }, index) => (
                    <span key={id}>
                      {index === 0 ? '' : ', '}
                      <Link
                        href={coverageHref({
                          view: 'shadow',
                          fingerprint: actor.fingerprint,
                          reporter: id,
                        })}
                        prefetch={false}
                      >
                        <Visible text={name} oneLine />
                      </Link>{' '}
                      ({thousands(interactions)})
                    </span>
                  )),
            ],
            [
              'Seen',
              `${counted(actor.interactions, 'entry', 'entries')} in ${counted(actor.sessions, 'session')}, ${thousands(actor.errors)} with an error`,
            ],
            ['Kinds', actor.kinds.map((kind) => kindLabels[kind].word).join(', ')],
            ['First seen', utcTime(actor.firstAt)],
            ['Last seen', utcTime(actor.lastAt)],
            [
              'Fingerprint',
              actor.isCrowd ? null : (
                <span key="fingerprint">
                  <span className="id">{actor.fingerprint}</span>
                  <CopyButton value={actor.fingerprint} label="Copy fingerprint" />
                </span>
              ),
            ],
          ]}
        />
      </div>
      {actor.registered === null && !actor.isCrowd && actions?.register ? (
        <section className="sec stack-3" aria-labelledby="register">
          <h3 id="register">Register it</h3>
          <RegisterForm
            key={key}
            fingerprint={actor.fingerprint}
            name={nameFor(actor)}
            names={declaredNames(actor).filter(isDeclarable)}
            isNameless={!declaredNames(actor).every(isDeclarable)}
            reporter={actor.reporter.id}
            reporters={reporters}
            register={actions.register.act}
            choices={actions.register.choices}
            me={actions.register.me}
          />
        </section>
      ) : null}
      {actions !== null && (actor.registered === null || actor.registered.isStillSeen) ? (
        <section className="sec stack-3" aria-labelledby="ignore">
          <h3 id="ignore">{actor.ignored === null ? 'Or ignore it, because' : 'Ignored'}</h3>
          {actor.ignored === null ? (
            <IgnoreForm
              key={key}
              fingerprint={actor.fingerprint}
              reporter={actor.reporter}
              daysOffered={ignoredForDays}
              decide={actions.ignore}
            />
          ) : (
            <UnignoreForm
              fingerprint={actor.fingerprint}
              reporter={actor.reporter}
              decide={actions.unignore}
            />
          )}
        </section>
      ) : null}
      {actor.isCrowd ? null : (
        <Latest actor={actor} isOfSeveral={others.length > 0} entries={entries} now={now} />
      )}
    </SidePanel>
  );
}

function Judgement({ actor, now }: { actor: ShadowActor; now: Date }) {
  const { resembles, ignored, registered } = actor;
  const callouts = [
    actor.isCrowd ? (
      <Callout key="crowd" tone="review">
        {visibleText(actor.reporter.name)} told of more new names in an hour than are listed one by
        one. What came beyond that is counted here; whoever holds its key makes them up, or names
        each run anew.
      </Callout>
    ) : null,
    registered === null ? null : (
      <Callout key="registered" tone={registered.isStillSeen ? 'review' : 'allow'}>
        Registered as{' '}
        <Link href={`/identities/${registered.id}`}>{visibleText(registered.name)}</Link>{' '}
        {relativeTime(registered.since, now)}.
        {registered.isStillSeen
          ? ` It still arrives from ${visibleText(actor.reporter.name)}, which may not speak for that identity, so it is attributed to nobody. Whether it is the same actor nobody can say.`
          : ' What it did before stays as it was told.'}
      </Callout>
    ),
    ignored === null ? null : (
      <Callout key="ignored">
        As reported by {visibleText(actor.reporter.name)}, ignored by {visibleText(ignored.by)}{' '}
        {relativeTime(ignored.at, now)},{' '}
        {ignored.until === null ? 'for good' : `until ${utcTime(ignored.until)}`}:{' '}
        <Visible text={ignored.reason} oneLine />
      </Callout>
    ),
    resembles === null ? null : (
      <Callout key="resembles" tone="review">
        {resembles.how === 'same' ? (
          <>
            It says it is <b>{visibleText(resembles.name)}</b>, which is registered, and whoever
            reported it may not speak for that identity.
          </>
        ) : (
          <>
            Its name looks like <b>{visibleText(resembles.name)}</b> and is another one. Compare
            before you register it.
          </>
        )}
      </Callout>
    ),
  ].filter((callout) => callout !== null);
  return callouts.length === 0 ? null : <div className="sec stack">{callouts}</div>;
}

function Latest({
  actor,
  isOfSeveral,
  entries,
  now,
}: {
  actor: ShadowActor;
  /** Whether others tell of it too: the inventory shows what all of them sent. */
  isOfSeveral: boolean;
  entries: readonly LatestEntry[];
  now: Date;
}) {
  const view = {
    filter: { ...emptyFilter(), fingerprint: [actor.fingerprint] },
    range: rangeSince(actor.firstAt),
  };
  return (
    <section className="sec" aria-labelledby="latest">
      <div className="sec-head">
        <h3 id="latest">Latest interactions</h3>
        <Link className="more" href={`/inventory${viewSearch(view)}`} prefetch={false}>
          All in the inventory{isOfSeveral ? ', of all its reporters' : ''}
        </Link>
      </div>
      {entries.length === 0 ? (
        <p className="s12 t3">None of its interactions is kept any more.</p>
      ) : (
        <ul className="coverage-latest s12">
          {entries.map(({ id, kind, name, receivedAt }) => (
            <li key={id}>
              <Icon name={kindLabels[kind].icon} size={14} />
              <Link
                className="trunc"
                href={`/inventory${viewSearch({ ...view, interaction: id })}`}
                prefetch={false}
              >
                {kindLabels[kind].word} <Visible text={name} oneLine />
              </Link>
              <span className="t3" title={utcTime(receivedAt)}>
                {relativeTime(receivedAt, now)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const foreign = (text: string | null) => (text === null ? null : <Visible text={text} oneLine />);
