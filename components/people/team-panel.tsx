import Link from 'next/link';
import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { Field, SelectField } from '@/components/ui/field';
import { visibleText } from '@/lib/inventory/visible';
import { peopleHref } from '@/lib/people/members/address';
import type { PeopleAction } from '@/lib/people/members/schema';
import type { Team } from '@/lib/people/teams/schema';
import { ActForm } from './act-form';

export type TeamActions = Record<'saveTeam' | 'removeTeam' | 'setTeamMember', PeopleAction>;

/** One team: who is in it, its name, and its end. */
export function TeamPanel({
  team,
  people,
  actions,
  href,
  closeHref,
}: {
  team: Team;
  /** Who could be in it. */
  people: readonly { id: string; name: string; email: string }[];
  /** Null for whoever may not. */
  actions: TeamActions | null;
  href: string;
  closeHref: string;
}) {
  const { id: teamId, members } = team;
  const others = people.filter(({ id }) => members.every((member) => member.id !== id));
  return (
    <SidePanel
      href={href}
      icon="user"
      title={<Visible text={team.name} oneLine />}
      closeHref={closeHref}
    >
      <section className="sec stack-3" aria-labelledby="members">
        <h3 id="members">People</h3>
        {members.length === 0 ? <p className="t2 s12">Nobody is in it.</p> : null}
        <ul className="stack">
          {members.map(({ id, name, isRemoved }) => (
            <li key={id} className="s12">
              <Link href={peopleHref({ person: id })} prefetch={false}>
                <Visible text={name} oneLine />
              </Link>
              {isRemoved ? <span className="t3">, removed</span> : null}
            </li>
          ))}
        </ul>
      </section>
      {actions === null ? null : (
        <>
          {others.length === 0 ? null : (
            <section className="sec stack-3" aria-labelledby="add">
              <h3 id="add">Add a person</h3>
              <ActForm
                id="add-member"
                action={actions.setTeamMember}
                fields={{ teamId, isMember: 'yes' }}
                button="Add"
                busy="Being added"
              >
                <PersonField id="add-member" people={others} />
              </ActForm>
            </section>
          )}
          {members.length === 0 ? null : (
            <section className="sec stack-3" aria-labelledby="take">
              <h3 id="take">Take a person out</h3>
              <ActForm
                id="take-member"
                action={actions.setTeamMember}
                fields={{ teamId, isMember: 'no' }}
                button="Take out"
                busy="Being taken out"
              >
                <PersonField id="take-member" people={members} />
              </ActForm>
            </section>
          )}
          <section className="sec stack-3" aria-labelledby="rename">
            <h3 id="rename">Rename it</h3>
            <ActForm
              id="rename"
              action={actions.saveTeam}
              fields={{ teamId }}
              button="Rename"
              busy="Being renamed"
              hasReason={false}
            >
              <Field
                key={team.name}
                id="team-name"
                name="name"
                label="Name"
                defaultValue={team.name}
                required
                maxLength={120}
                autoComplete="off"
              />
            </ActForm>
          </section>
          <section className="sec stack-3" aria-labelledby="delete">
            <h3 id="delete">Delete it</h3>
            {members.length + team.identities > 0 ? (
              <p className="s12 t2">
                Only an empty team is deleted. Take people and identities out of it first.
              </p>
            ) : (
              <ActForm
                id="delete"
                action={actions.removeTeam}
                fields={{ teamId }}
                button="Delete team"
                busy="Being deleted"
                look="danger"
                hasReason={false}
                isGone
              />
            )}
          </section>
        </>
      )}
    </SidePanel>
  );
}

function PersonField({
  id,
  people,
}: {
  id: string;
  people: readonly { id: string; name: string; email?: string }[];
}) {
  return (
    <SelectField id={`${id}-person`} name="personId" label="Person" defaultValue="" required>
      <option value="">Choose a person</option>
      {people.map((person) => (
        <option key={person.id} value={person.id}>
          {visibleText(person.name)}
          {person.email === undefined ? '' : `, ${person.email}`}
        </option>
      ))}
    </SelectField>
  );
}
