import type { Metadata } from 'next';
import '@/components/posture/posture.css';
import { AttesterForm } from '@/components/posture/attester-form';
import { AttesterTable } from '@/components/posture/attester-table';
import { TypeForm } from '@/components/posture/type-form';
import { TypeTable } from '@/components/posture/type-table';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import {
  listAttesters,
  listPossibleAttesters,
  listPostureTypes,
} from '@/lib/identities/posture/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import { listTeamNames } from '@/lib/people/teams/queries';
import { deleteAttester, deleteType, saveAttester, saveType } from './actions';

export const metadata: Metadata = { title: 'Posture' };

type Params = { fact?: string | string[]; attester?: string | string[] };

export default async function PosturePage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const [{ fact, attester }, types, attesters, services, teams] = await Promise.all([
    searchParams,
    listPostureTypes(scope),
    listAttesters(scope),
    listPossibleAttesters(scope),
    listTeamNames(scope),
  ]);
  const mayChange = can(person, 'registry.write');
  const chosenType = types.find(({ name }) => name === fact) ?? null;
  const chosenAttester = attesters.find(({ identity }) => identity === attester) ?? null;
  return (
    <>
      <section aria-labelledby="attesters-title">
        <div className="sec">
          <h2 id="attesters-title">Attesters</h2>
          <p className="t2 s12 settings-lead">
            Services that say in what state identities are. A newer measurement wins; one that has
            lapsed counts as absent.
          </p>
        </div>
        <AttesterTable
          attesters={attesters}
          now={systemClock()}
          remove={deleteAttester}
          mayChange={mayChange}
        />
      </section>
      {mayChange ? (
        <section className="sec">
          <AttesterForm
            key={chosenAttester?.identity ?? 'new'}
            chosen={chosenAttester}
            services={services}
            facts={types.map(({ name }) => name)}
            teams={teams}
            save={saveAttester}
          />
        </section>
      ) : null}
      <section aria-labelledby="facts-title">
        <div className="sec">
          <h2 id="facts-title">Facts</h2>
        </div>
        <TypeTable types={types} remove={deleteType} mayChange={mayChange} />
      </section>
      <section className="sec">
        {mayChange ? (
          <TypeForm key={chosenType?.name ?? 'new'} chosen={chosenType} save={saveType} />
        ) : (
          <p className="t2 s12">{refusalOf('registry.write')}</p>
        )}
      </section>
    </>
  );
}
