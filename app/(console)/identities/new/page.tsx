import type { Metadata } from 'next';
import '@/components/identities/identities.css';
import { RegisterIdentityForm } from '@/components/identities/register-identity-form';
import { NoPermission } from '@/components/ui/no-permission';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { identityKinds } from '@/lib/identities/schema';
import type { Params } from '@/lib/inventory/address';
import { can } from '@/lib/people/permissions';
import { register } from '../actions';
import { readChoices } from '../choices';

export const metadata: Metadata = { title: 'Register identity' };

export default async function NewIdentityPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const head = (
    <PageHead title="Register identity" meta="Something that acts, and who answers for it" />
  );
  if (!can(person, 'registry.write'))
    return (
      <>
        {head}
        <NoPermission permission="registry.write" />
      </>
    );
  const { kind } = await searchParams;
  return (
    <>
      {head}
      <section className="sec">
        <RegisterIdentityForm
          values={{
            kind: identityKinds.find((each) => each === kind) ?? 'agent',
            name: '',
            names: [],
            owner: person.id,
            sponsor: person.id,
            team: '',
            zone: '',
            purpose: '',
            tags: [],
            actsFor: { people: [], teams: [] },
            expects: [],
            reportsFor: [],
          }}
          choices={await readChoices(scope)}
          register={register}
        />
      </section>
    </>
  );
}
