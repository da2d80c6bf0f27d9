import Link from 'next/link';
import type { ReactNode } from 'react';
import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { KeyValue } from '@/components/ui/key-value';
import { browserName } from '@/lib/auth/account/browser-name';
import { coverageHref } from '@/lib/inventory/coverage/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import {
  contentWords,
  factorWords,
  provedWords,
  reachLabels,
  rolesWords,
} from '@/lib/people/labels';
import type { Member, OpenSignIn, Owned, PeopleAction } from '@/lib/people/members/schema';
import { MemberStateWord } from './people-table';
import { PersonActs } from './person-acts';
import type { Choice } from './rights-fields';
import { RightsForm } from './rights-form';
import { SignInList } from './sign-in-list';

export type PersonActions = Record<
  'saveRights' | 'remove' | 'restore' | 'reset' | 'endSignIn' | 'setBreakGlass',
  PeopleAction
> & {
  /** Null without single sign-on. */
  linkSso: PeopleAction | null;
};

/** One person: who that is, where signed in, what they answer for, and what may be changed. */
export function PersonPanel({
  member,
  signIns,
  owns,
  teams,
  actions,
  reader,
  hasAudit,
  href,
  closeHref,
  now,
}: {
  member: Member;
  signIns: readonly OpenSignIn[];
  owns: { owned: readonly Owned[]; of: number };
  teams: readonly Choice[];
  /** Null for whoever may not change people. */
  actions: PersonActions | null;
  reader: { person: string; signIn: string };
  hasAudit: boolean;
  href: string;
  closeHref: string;
  now: Date;
}) {
  const isOneself = member.id === reader.person;
  const { roles, reach, contentRead, contentExport } = member;
  return (
    <SidePanel
      href={href}
      icon="user"
      title={<Visible text={member.name} oneLine />}
      closeHref={closeHref}
    >
      <State member={member} now={now} />
      <div className="sec">
        <KeyValue
          rows={[
            ['State', <MemberStateWord key="state" state={member.state} />],
            ['E-mail', <Visible key="email" text={member.email} oneLine />],
            ['Roles', rolesWords(roles)],
            ['Content', contentWords({ contentRead, contentExport })],
            ['Sees', reachLabels[reach]],
            [
              'Teams',
              member.teams.length === 0 ? (
                'None'
              ) : (
                <Visible
                  key="teams"
                  text={member.teams.map(({ name }) => name).join(', ')}
                  oneLine
                />
              ),
            ],
            ['Second factors', factorWords(member.factors)],
            ['Signs in by', waysOf(member)],
            ['Here since', utcTime(member.createdAt)],
            ['Last seen', member.lastSeenAt === null ? 'Never' : utcTime(member.lastSeenAt)],
            [
              'Id',
              <span key="id">
                <span className="id">{member.id}</span>
                <CopyButton value={member.id} label="Copy person id" />
              </span>,
            ],
          ]}
        />
        {hasAudit ? (
          <p className="s12">
            <Link href={`/audit?subject=${member.id}`} prefetch={false}>
              What was changed of this person, and what they did
            </Link>
          </p>
        ) : null}
      </div>
      <Section id="sign-ins" title="Signed in">
        {signIns.length === 0 ? <p className="t2 s12">Nowhere now.</p> : null}
        <SignInList
          personId={member.id}
          signIns={signIns.map((each) => ({
            id: each.id,
            title: browserName(each.userAgent),
            sentence: `${each.address}, since ${utcTime(each.createdAt)}, seen ${relativeTime(each.lastSeenAt, now)}, by ${provedWords(each)}`,
            isThisOne: each.id === reader.signIn,
          }))}
          end={actions?.endSignIn ?? null}
        />
      </Section>
      <Section id="owns" title="Answers for">
        {owns.of === 0 ? (
          <p className="t2 s12">No identity.</p>
        ) : (
          <p className="s12">
            {owns.owned.map(({ id, name }, index) => (
              <span key={id}>
                {index === 0 ? '' : ', '}
                <Link
                  href={coverageHref({
                    view: member.disabledAt === null && roles.length > 0 ? 'arrives' : 'unowned',
                    identity: id,
                  })}
                  prefetch={false}
                >
                  <Visible text={name} oneLine />
                </Link>
              </span>
            ))}
            {owns.of > owns.owned.length ? ` and ${owns.of - owns.owned.length} more` : ''}
          </p>
        )}
      </Section>
      {actions === null ? null : isOneself ? (
        <div className="sec">
          <Callout>
            Nobody changes their own roles or rights. Ask another administrator; your own factors
            and password are on your account page.
          </Callout>
        </div>
      ) : (
        <>
          {member.state === 'removed' ? null : (
            <Section id="change" title="Change roles and rights">
              <RightsForm
                personId={member.id}
                rights={{
                  roles,
                  reach,
                  contentRead,
                  contentExport,
                  teams: member.teams.map(({ id }) => id).sort(),
                }}
                teams={teams}
                save={actions.saveRights}
              />
            </Section>
          )}
          <PersonActs member={member} signIns={signIns.length} owns={owns.of} actions={actions} />
        </>
      )}
    </SidePanel>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className="sec stack-3" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

function State({ member, now }: { member: Member; now: Date }) {
  const { disabledAt, state, factors } = member;
  if (disabledAt !== null)
    return (
      <div className="sec">
        <Callout tone="review">
          Removed {relativeTime(disabledAt, now)}. This person opens nothing.
        </Callout>
      </div>
    );
  if (state === 'break_glass')
    return (
      <div className="sec">
        <Callout tone="critical">
          Kept for the day on which nobody else is there. Four eyes do not bind it, and every
          administrator is told of each use.
        </Callout>
      </div>
    );
  if (factors.passkeys > 0 || factors.hasCodes || member.hasOrganisationSignIn) return null;
  return (
    <div className="sec">
      <Callout>No second factor is enrolled yet. The next sign-in asks for one.</Callout>
    </div>
  );
}

const waysOf = ({ hasPassword, hasOrganisationSignIn, factors }: Member): string => {
  const ways = [
    hasPassword ? 'password' : [],
    factors.passkeys > 0 ? 'passkey' : [],
    hasOrganisationSignIn ? 'the organisation’s sign-in' : [],
  ].flat();
  return ways.join(', ') || 'Nothing';
};
