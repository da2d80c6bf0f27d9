import type { Metadata } from 'next';
import { ChangeIdentityForm } from '@/components/identities/change-identity-form';
import { NoPermission } from '@/components/ui/no-permission';
import { requirePerson } from '@/lib/auth/session';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { change } from '../../actions';
import { readChoices } from '../../choices';
import { readIdentity } from '../read';

type Identity = Awaited<ReturnType<typeof readIdentity>>;

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Change ${visibleText((await readIdentity((await params).id)).name)}` };
}

/** Whom and what it names already, as far as it is shown. */
const namedIn = ({ actsFor, reportsFor }: Identity) => [
  ...(actsFor === 'all'
    ? []
    : actsFor.people.map(({ id, name, isGone }) => ({
        id,
        name: isGone ? `${name}, who was removed` : name,
      }))),
  ...(reportsFor === 'all' ? [] : reportsFor),
];

export default async function ChangePage({ params }: Props) {
  const { scope, person } = await requirePerson();
  if (!can(person, 'registry.write')) return <NoPermission permission="registry.write" />;
  const identity = await readIdentity((await params).id);
  if (identity.state === 'decommissioned')
    return <p className="sec t2">A decommissioned identity is changed no more.</p>;
  const ids = (of: readonly { id: string }[]) => of.map(({ id }) => id);
  const { actsFor, reportsFor } = identity;
  return (
    <section className="sec">
      <ChangeIdentityForm
        identity={identity.id}
        revision={identity.revision}
        values={{
          ...identity,
          owner: identity.owner?.id ?? '',
          sponsor: identity.sponsor?.id ?? '',
          team: identity.team?.id ?? '',
          zone: identity.zone?.id ?? '',
          actsFor:
            actsFor === 'all' ? 'all' : { people: ids(actsFor.people), teams: ids(actsFor.teams) },
          reportsFor: reportsFor === 'all' ? 'all' : ids(reportsFor),
        }}
        choices={await readChoices(scope, { expects: identity.expects, named: namedIn(identity) })}
        change={change}
      />
    </section>
  );
}
