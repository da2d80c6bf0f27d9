import Link from 'next/link';
import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { CodeBlock } from '@/components/ui/code-block';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import { KeyValue } from '@/components/ui/key-value';
import { rowTime, utcTime } from '@/lib/inventory/time';
import { type AuditFilter, auditHref } from '@/lib/people/audit/address';
import { otherFacts, plainJson } from '@/lib/people/audit/difference';
import { auditGroups, factName, labelOf, sentenceOf } from '@/lib/people/audit/labels';
import type { AuditDetail } from '@/lib/people/audit/queries';
import type { AuditEntry, Doer, Names, Subject } from '@/lib/people/audit/schema';
import { doerOf, subjectAsked, subjectOf, whoAsked } from '@/lib/people/audit/tell';
import { ChangeTable } from './change-table';
import { DoerName, SubjectName } from './told';

/** One entry: who, on what, the change and why, then all its facts and its place in the log. */
export function AuditPanel({
  detail: { entry, raw, leaf, isIntact, reads, hasMoreReads },
  names,
  href,
  closeHref,
  hrefOf,
  now,
  zone,
}: {
  detail: AuditDetail;
  names: Names;
  href: string;
  closeHref: string;
  hrefOf: (id: string) => string;
  now: Date;
  zone: string;
}) {
  const { kind, facts } = entry;
  const [doer, subject] = [doerOf(kind, facts), subjectOf(kind, facts)];
  const { reason } = facts;
  const others = otherFacts(facts);
  return (
    <SidePanel
      href={href}
      icon="file"
      title={<Visible text={sentenceOf(kind, facts)} oneLine />}
      closeHref={closeHref}
    >
      {isIntact ? null : (
        <div className="sec">
          <Callout tone="critical">
            These facts are not those that the log was given: its leaf does not match them.
          </Callout>
        </div>
      )}
      <div className="sec">
        <KeyValue
          rows={[
            ['Who', <DoerName key="who" doer={doer} names={names} />],
            [
              'On what',
              subject === null ? null : (
                <SubjectName key="subject" subject={subject} names={names} />
              ),
            ],
            ['When', utcTime(entry.receivedAt)],
            ['From where', textOf(facts.address) ?? <NoAddress key="where" doer={doer} />],
            ['Sign-in', textOf(facts.sign_in)],
          ]}
        />
        <MoreLinks doer={doer} subject={subject} />
      </div>
      {typeof reason === 'string' && reason !== '' ? (
        <section className="sec stack" aria-labelledby="reason">
          <h3 id="reason">Reason</h3>
          <p className="audit-reason">
            <Visible text={reason} />
          </p>
        </section>
      ) : null}
      <ChangeTable facts={facts} names={names} />
      {reads.length === 0 ? null : (
        <section className="sec stack" aria-labelledby="reads">
          <h3 id="reads">Read within this minute</h3>
          <Reads {...{ reads, names, hrefOf, now, zone }} current={entry.id} />
          {hasMoreReads ? (
            <p className="t2 s12">The newest {reads.length} are shown; there are more.</p>
          ) : null}
        </section>
      )}
      {others.length === 0 ? null : (
        <section className="sec stack" aria-labelledby="facts">
          <h3 id="facts">Facts</h3>
          <KeyValue
            rows={others.map(([name, text]) => [
              factName(name),
              <FactText key={name} text={text} names={names} />,
            ])}
          />
        </section>
      )}
      <section className="sec stack" aria-labelledby="in-log">
        <h3 id="in-log">In the log</h3>
        <KeyValue
          rows={[
            ['Kind', `${kind} (${auditGroups[labelOf(kind).group]})`],
            ['Position', `${entry.shard}/${entry.position}`],
            ['Entry', <Id key="entry" id={entry.id} label="Copy entry id" />],
            ['Leaf', <Id key="leaf" id={leaf} label="Copy leaf hash" />],
            ['Checked', isIntact ? 'The leaf is that of these facts.' : 'The leaf does not match.'],
          ]}
        />
        <details>
          <summary className="t2 s12">
            <Icon name="right" size={12} />
            Raw JSON
          </summary>
          <CodeBlock title="Facts as JSON" code={plainJson(raw)} wrap />
        </details>
      </section>
    </SidePanel>
  );
}

/** The rest of what they did, and of what was done to it, since the beginning. */
function MoreLinks({ doer, subject }: { doer: Doer; subject: Subject | null }) {
  const who = whoAsked(doer);
  const on = subject === null ? null : subjectAsked(subject);
  const hrefOf = (filter: Partial<AuditFilter>) =>
    auditHref({
      filter: { who: null, what: null, subject: null, ...filter },
      range: { preset: 'all', from: null, to: null },
    });
  if (who === null && on === null) return null;
  return (
    <p className="s12 audit-more">
      {who === null ? null : (
        <Link href={hrefOf({ who })} prefetch={false}>
          All that they did
        </Link>
      )}
      {on === null ? null : (
        <Link href={hrefOf({ subject: on })} prefetch={false}>
          All that was done to this
        </Link>
      )}
    </p>
  );
}

function Reads({
  reads,
  current,
  names,
  hrefOf,
  now,
  zone,
}: {
  reads: readonly AuditEntry[];
  current: string;
  names: Names;
  hrefOf: (id: string) => string;
  now: Date;
  zone: string;
}) {
  return (
    <ul className="audit-reads">
      {reads.map(({ id, kind, facts, receivedAt }) => {
        const subject = subjectOf(kind, facts);
        return (
          <li key={id}>
            <Link
              className="mono"
              href={hrefOf(id)}
              scroll={false}
              prefetch={false}
              aria-current={id === current ? 'true' : undefined}
              title={utcTime(receivedAt)}
            >
              {rowTime(`${receivedAt.getTime()}000000`, now, zone)}
            </Link>
            <span>
              <Visible text={sentenceOf(kind, facts)} oneLine />
            </span>
            <span className="trunc">
              {subject === null ? null : <SubjectName subject={subject} names={names} />}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

const nowhere: Record<Doer['kind'], string> = {
  person: 'Not told',
  unproven: 'Not told',
  operator: 'The command line, beside the database',
  system: 'Inside',
};

const NoAddress = ({ doer }: { doer: Doer }) => <span className="t3">{nowhere[doer.kind]}</span>;

const textOf = (value: unknown) =>
  typeof value === 'string' ? <Visible text={value} oneLine /> : null;

/** A fact; where it is an id, what that is called now. */
export function FactText({ text, names }: { text: string; names: Names }) {
  const name = names.get(text)?.name;
  return (
    <>
      {name === undefined ? null : (
        <>
          <Visible text={name} oneLine /> <br />
        </>
      )}
      <span className={name === undefined ? undefined : 'id t3'}>
        <Visible text={text} />
      </span>
    </>
  );
}

const Id = ({ id, label }: { id: string; label: string }) => (
  <span>
    <span className="id">{id}</span>
    <CopyButton value={id} label={label} />
  </span>
);
