import type { Metadata } from 'next';
import Link from 'next/link';
import { CodeForm } from '@/components/enrolment/code-form';
import { CodeTable } from '@/components/enrolment/code-table';
import { EnrolmentSwitch } from '@/components/enrolment/enrolment-switch';
import { ListedNetworkForm } from '@/components/enrolment/listed-network-form';
import { ListedNetworkTable } from '@/components/enrolment/listed-network-table';
import { NoPermission } from '@/components/ui/no-permission';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config, gatewayUrl } from '@/lib/core/config';
import { getOpening } from '@/lib/identities/enrolment/opening/queries';
import { countOpenEnrolments } from '@/lib/identities/enrolment/queries';
import { enrolmentBounds } from '@/lib/identities/enrolment/schema';
import { listNetworks } from '@/lib/people/networks/queries';
import { can } from '@/lib/people/permissions';
import { listTeamNames } from '@/lib/people/teams/queries';
import { listZones } from '@/lib/zones/queries';
import { listNetwork, makeCode, revokeCode, setEnrolment, unlistNetwork } from './actions';

export const metadata: Metadata = { title: 'Enrolment' };

export default async function EnrolmentPage() {
  const { scope, person } = await requirePerson();
  if (!can(person, 'registry.write')) return <NoPermission permission="registry.write" />;
  const now = systemClock();
  const [{ isOn, codes, networks }, asking, named, teams, zones] = await Promise.all([
    getOpening(scope, now),
    countOpenEnrolments(scope, now),
    listNetworks(scope),
    listTeamNames(scope),
    listZones(scope),
  ]);
  const places = {
    teams,
    zones: zones.map(({ id, name, environment }) => ({ id, name, says: environment })),
  };
  const unlisted = named
    .filter(({ id }) => !networks.some((listed) => listed.id === id))
    .map(({ id, name }) => ({ id, name }));
  return (
    <>
      <section className="sec" aria-labelledby="enrolment-title">
        <h2 id="enrolment-title" className="settings-lead">
          Workloads that ask to be registered
        </h2>
        <p className="t2 settings-lead">
          A workload makes a key, signs who it is and sends that to{' '}
          <code>{gatewayUrl(config())}/v1/enrolments</code>, with a code or from a listed network.
          It is nobody until a person accepts it. {enrolmentBounds.openMax} wait at most,{' '}
          {enrolmentBounds.perAddressMax} an hour may come from one address, and each dies after a
          day.
        </p>
        <p className="settings-lead">
          <Link href="/identities?state=proposed">
            {asking === 0 ? 'Nobody waits' : asking === 1 ? 'One waits' : `${asking} wait`} to be
            accepted
          </Link>
        </p>
        <EnrolmentSwitch isOn={isOn} act={setEnrolment} />
      </section>
      <section aria-labelledby="codes-title">
        <div className="sec">
          <h2 id="codes-title">Codes</h2>
        </div>
        <CodeTable codes={codes} now={now} revoke={revokeCode} />
        <div className="sec">
          <CodeForm places={places} make={makeCode} />
        </div>
      </section>
      <section aria-labelledby="listed-title">
        <div className="sec">
          <h2 id="listed-title">Networks that need no code</h2>
        </div>
        <ListedNetworkTable networks={networks} unlist={unlistNetwork} />
        <div className="sec">
          <ListedNetworkForm networks={unlisted} places={places} list={listNetwork} />
        </div>
      </section>
    </>
  );
}
