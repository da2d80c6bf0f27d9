import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { Empty } from '@/components/ui/empty';
import { KeyValue } from '@/components/ui/key-value';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { contentWords, reachLabels, rolesWords } from '@/lib/people/labels';
import type { PeopleAction } from '@/lib/people/members/schema';
import type { OpenProposal } from '@/lib/people/proposals/queries';
import type { GivenRights } from '@/lib/people/rights/schema';
import { ActForm } from './act-form';
import type { Choice } from './rights-fields';

export type ProposalActions = Record<'confirm' | 'refuse' | 'withdraw', PeopleAction>;

/** What waits for a second person, the oldest first, and what each reader may do about it. */
export function ProposalList({
  proposals,
  teams,
  reader,
  mayConfirm,
  actions,
  now,
}: {
  proposals: readonly OpenProposal[];
  teams: readonly Choice[];
  /** Id of the person who looks. */
  reader: string;
  mayConfirm: boolean;
  actions: ProposalActions;
  now: Date;
}) {
  if (proposals.length === 0)
    return (
      <Empty title="Nothing waits for a second person">
        While four eyes are on, rights that somebody gives appear here.
      </Empty>
    );
  return (
    <ul className="people-proposals">
      {proposals.map((proposal) => (
        <li key={proposal.id}>
          <Told proposal={proposal} teams={teams} now={now} />
          <Answer proposal={proposal} reader={reader} mayConfirm={mayConfirm} actions={actions} />
        </li>
      ))}
    </ul>
  );
}

function Told({
  proposal,
  teams,
  now,
}: {
  proposal: OpenProposal;
  teams: readonly Choice[];
  now: Date;
}) {
  const { proposed } = proposal;
  return (
    <>
      <h2>
        <Title proposal={proposal} />
      </h2>
      <KeyValue
        rows={[
          ['Asked by', <Visible key="by" text={proposal.askedBy.name} oneLine />],
          ...(proposed?.kind === 'invite'
            ? ([['E-mail', <Visible key="email" text={proposed.change.email} oneLine />]] as const)
            : []),
          ...(proposed?.kind === 'invite' || proposed?.kind === 'rights'
            ? rightsRows(proposed.change, proposal.before, teams)
            : []),
          ...(proposed?.kind === 'sso_link'
            ? ([
                ['Issuer', <Visible key="issuer" text={proposed.change.issuer} oneLine />],
                ['Subject', <Visible key="subject" text={proposed.change.subject} oneLine />],
              ] as const)
            : []),
          ['Reason', <Visible key="reason" text={proposal.reason} />],
          ['Asked', relativeTime(proposal.askedAt, now)],
          ['Expires', utcTime(proposal.expiresAt)],
        ]}
      />
    </>
  );
}

function Title({ proposal: { kind, subject, proposed } }: { proposal: OpenProposal }) {
  const who = <Visible text={subject?.name ?? ''} oneLine />;
  if (kind === 'invite')
    return (
      <>
        Invite <Visible text={proposed?.kind === 'invite' ? proposed.change.name : ''} oneLine />
      </>
    );
  if (kind === 'restore') return <>Restore {who}</>;
  if (kind === 'break_glass') return <>Make {who} a break-glass account</>;
  if (kind === 'factor_reset') return <>Reset the second factors of {who}</>;
  if (kind === 'sso_link') return <>Link {who} to single sign-on</>;
  if (kind === 'four_eyes_off') return 'Switch four eyes off';
  return <>Give rights to {who}</>;
}

/** What shall be, and beside it what is now where that differs. */
const rightsRows = (after: GivenRights, before: GivenRights | null, teams: readonly Choice[]) => {
  const words = (rights: GivenRights) =>
    [
      ['Roles', rolesWords(rights.roles)],
      ['Content', contentWords(rights)],
      ['Sees', reachLabels[rights.reach]],
      [
        'Teams',
        rights.teams.map((id) => teams.find((team) => team.id === id)?.name ?? id).join(', ') ||
          'None',
      ],
    ] as const;
  const now = before === null ? null : words(before);
  return words(after).map(([term, word], index) => {
    const was = now?.[index]?.[1];
    return [
      term,
      was === undefined || was === word ? (
        word
      ) : (
        <span key={term}>
          <b>{word}</b> <span className="t3">instead of {was}</span>
        </span>
      ),
    ] as const;
  });
};

function Answer({
  proposal: { id, askedBy, subject },
  reader,
  mayConfirm,
  actions,
}: {
  proposal: OpenProposal;
  reader: string;
  mayConfirm: boolean;
  actions: ProposalActions;
}) {
  const fields = { proposalId: id };
  if (askedBy.id === reader)
    return (
      <ActForm
        id={`withdraw-${id}`}
        action={actions.withdraw}
        fields={fields}
        button="Withdraw"
        busy="Being withdrawn"
        isGone
        hasReason={false}
      >
        <p className="s12 t2">You asked for this. Somebody else who may confirms it.</p>
      </ActForm>
    );
  if (!mayConfirm)
    return <p className="s12 t2">An approver or an administrator confirms or refuses this.</p>;
  return (
    <div className="people-answers">
      {subject?.id === reader ? (
        <Callout>This is about you. Somebody else confirms it.</Callout>
      ) : (
        <ActForm
          id={`confirm-${id}`}
          action={actions.confirm}
          fields={fields}
          button="Confirm"
          busy="Being confirmed"
          isGone
          hasReason={false}
        />
      )}
      <ActForm
        id={`refuse-${id}`}
        action={actions.refuse}
        fields={fields}
        button="Refuse"
        busy="Being refused"
        isGone
        placeholder="Not on call this month"
      />
    </div>
  );
}
