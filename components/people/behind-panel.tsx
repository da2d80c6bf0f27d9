import Link from 'next/link';
import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { KeyValue } from '@/components/ui/key-value';
import { emptyFilter, rangeSince, viewSearch } from '@/lib/inventory/address';
import { counted, thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { agentName, agentTerm, evidenceLabels } from '@/lib/people/behind/labels';
import {
  type BehindAgentDetail,
  type DecideBehind,
  expectedForDays,
  type PersonBehind,
} from '@/lib/people/behind/schema';
import { ExpectForm, ReopenForm } from './behind-forms';
import { FactorShown, PersonName, SameEmail } from './behind-table';

/** One person for whom agents act: how that is known, and what each of them did. */
export function BehindPanel({
  person,
  agents,
  actions,
  href,
  closeHref,
  now,
}: {
  person: PersonBehind;
  agents: readonly BehindAgentDetail[];
  /** What a reader may do here; null for whoever may not. */
  actions: { expect: DecideBehind; reopen: DecideBehind } | null;
  href: string;
  closeHref: string;
  now: Date;
}) {
  const { text, evidence, sameEmail, expected, isOpen, factor, agentsOf } = person;
  return (
    <SidePanel href={href} icon="user" title={<PersonName person={person} />} closeHref={closeHref}>
      <div className="sec stack">
        {text === null ? (
          <Callout tone="review">
            Some reporters told of more new people in a day than are listed one by one. What came
            beyond that is counted here; whoever holds their keys makes names up, or has very many
            people.
          </Callout>
        ) : (
          <Callout>{evidenceLabels[evidence].sentence}</Callout>
        )}
        {sameEmail?.hasLeft === true ? (
          <Callout tone="review">
            {visibleText(sameEmail.name)}, who had the same e-mail at the console, has left. Agents
            say that they act for this address.
          </Callout>
        ) : null}
        {expected === null ? null : (
          <Callout tone={isOpen ? 'review' : 'allow'}>
            Expected by {visibleText(expected.by)} {relativeTime(expected.at, now)},{' '}
            {expected.until === null ? 'for good' : `until ${utcTime(expected.until)}`}:{' '}
            <Visible text={expected.reason} oneLine />
            {isOpen
              ? '. Since then another agent acts for them, or another reporter tells of it.'
              : null}
          </Callout>
        )}
      </div>
      <div className="sec">
        <KeyValue
          rows={[
            ['Second factor', <FactorShown key="factor" person={person} />],
            ['Known as', evidenceLabels[evidence].word],
            ['At the console', sameEmail === null ? null : <SameEmail key="same" {...sameEmail} />],
            ['Entries', thousands(person.entries)],
            ['First seen', utcTime(person.firstAt)],
            ['Last seen', utcTime(person.lastAt)],
          ]}
        />
      </div>
      {actions !== null && factor === null ? (
        <section className="sec stack-3" aria-labelledby="decide">
          <h3 id="decide">{isOpen ? 'It is expected, because' : 'Expected'}</h3>
          {isOpen ? (
            <ExpectForm
              key={person.id}
              person={person.id}
              daysOffered={expectedForDays}
              decide={actions.expect}
            />
          ) : (
            <ReopenForm key={person.id} person={person.id} decide={actions.reopen} />
          )}
        </section>
      ) : null}
      <section className="sec stack-3" aria-labelledby="agents">
        <h3 id="agents">Agents</h3>
        <ul className="behind-agents">
          {agents.map((agent) => (
            <li key={agent.id ?? ''}>
              <Link href={inventoryOf(agent, text)} prefetch={false}>
                <Visible text={agentName(agent)} oneLine />
              </Link>
              <span className="t2 num" title={utcTime(agent.lastAt)}>
                {relativeTime(agent.lastAt, now)}
              </span>
              <p className="t2 s12">
                {counted(agent.interactions, 'interaction')}
                {agent.points === 0 ? null : `, ${counted(agent.points, 'data point')}`}. Told by{' '}
                {agent.reporters.map((name, index) => (
                  <span key={name}>
                    {index === 0 ? null : ', '}
                    <Visible text={name} oneLine />
                  </span>
                ))}
                .{isOpen && !agent.isOpen ? ' Expected.' : null}
              </p>
            </li>
          ))}
        </ul>
        {agentsOf > agents.length ? (
          <p className="t2 s12">
            The {agents.length} that acted most are shown, of {counted(agentsOf, 'agent')}.
          </p>
        ) : null}
      </section>
    </SidePanel>
  );
}

/** What an agent did for somebody, from when it began; of many names no one can be asked for. */
const inventoryOf = (agent: BehindAgentDetail, text: string | null): string =>
  `/inventory${viewSearch({
    filter: {
      ...emptyFilter(),
      identity: [agentTerm(agent)],
      behalf: text === null ? [] : [text],
    },
    range: rangeSince(agent.firstAt),
  })}`;
