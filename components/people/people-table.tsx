import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { State, type StateTone } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import type { OpenInvitation } from '@/lib/people/invitations/queries';
import { contentWords, factorWords, rolesWords, stateLabels } from '@/lib/people/labels';
import type { Member, MemberState } from '@/lib/people/members/schema';

const tones: Record<MemberState, StateTone> = {
  active: 'on',
  invited: 'wait',
  removed: 'none',
  break_glass: 'bad',
};

export function MemberStateWord({ state }: { state: MemberState }) {
  return <State tone={tones[state]}>{stateLabels[state]}</State>;
}

/** Who signs in, by name; invited people first, removed ones last. */
export function PeopleTable({
  members,
  invitations,
  chosen,
  hrefOf,
  now,
  isFiltered,
}: {
  members: readonly Member[];
  invitations: readonly OpenInvitation[];
  /** Id of the person or invitation whose panel is open. */
  chosen: string | null;
  hrefOf: (of: { person: string } | { invitation: string }) => string;
  now: Date;
  isFiltered: boolean;
}) {
  return (
    <Table
      caption="People by name, those invited first and those removed last"
      rows="entity"
      stickyFirst
      head={<Head />}
    >
      {invitations.map((each) => (
        <Row
          key={each.id}
          {...each}
          state="invited"
          teams={each.teams}
          isChosen={each.id === chosen}
          href={hrefOf({ invitation: each.id })}
          factors="None yet"
          seen={null}
          now={now}
        />
      ))}
      {members.map((each) => (
        <Row
          key={each.id}
          {...each}
          teams={each.teams.map(({ name }) => name)}
          isChosen={each.id === chosen}
          href={hrefOf({ person: each.id })}
          factors={factorWords(each.factors)}
          seen={each.lastSeenAt}
          now={now}
        />
      ))}
      {members.length + invitations.length === 0 ? (
        <NoRows columns={9}>
          {isFiltered ? 'Nobody matches. ' : 'Nobody signs in yet. '}
          {isFiltered ? <Link href="/people">Clear filters</Link> : null}
        </NoRows>
      ) : null}
    </Table>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Name</th>
      <th scope="col" className="p3">
        E-mail
      </th>
      <th scope="col">Roles</th>
      <th scope="col" className="p2">
        Content
      </th>
      <th scope="col" className="p4">
        Sees
      </th>
      <th scope="col" className="p4">
        Teams
      </th>
      <th scope="col" className="p3">
        Second factors
      </th>
      <th scope="col" className="p2 num">
        Last seen
      </th>
      <th scope="col">State</th>
    </>
  );
}

function Row({
  id,
  name,
  email,
  roles,
  contentRead,
  contentExport,
  reach,
  teams,
  state,
  factors,
  seen,
  href,
  isChosen,
  now,
}: Pick<
  Member,
  'id' | 'name' | 'email' | 'roles' | 'contentRead' | 'contentExport' | 'reach' | 'state'
> & {
  teams: readonly string[];
  factors: string;
  seen: Date | null;
  href: string;
  isChosen: boolean;
  now: Date;
}) {
  const team = teams.join(', ');
  return (
    <tr data-id={id} aria-selected={isChosen}>
      <th scope="row" className="cut">
        <Link className="plain" href={href} scroll={false} prefetch={false} title={name}>
          <Visible text={name} oneLine />
        </Link>
      </th>
      <td className="p3 t2 cut" title={email}>
        <Visible text={email} oneLine />
      </td>
      <td>{rolesWords(roles)}</td>
      <td className="p2">{contentWords({ contentRead, contentExport })}</td>
      <td className="p4 t2">{reach === 'all' ? 'All' : 'Own teams'}</td>
      <td className="p4 t2 cut" title={team}>
        {team === '' ? <span className="t3">none</span> : <Visible text={team} oneLine />}
      </td>
      <td className="p3 t2">{factors}</td>
      <td className="p2 num t2" title={seen === null ? undefined : utcTime(seen)}>
        {seen === null ? 'Never' : relativeTime(seen, now)}
      </td>
      <td>
        <MemberStateWord state={state} />
      </td>
    </tr>
  );
}
