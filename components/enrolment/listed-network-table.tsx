'use client';

import { Visible } from '@/components/inventory/visible';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { NoRows, Table } from '@/components/ui/table';
import type { EnrolmentOpening } from '@/lib/identities/enrolment/schema';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';

const gone = 'none any more';

/** Networks from which workloads ask without a code. */
export function ListedNetworkTable({
  networks,
  unlist,
}: {
  networks: EnrolmentOpening['networks'];
  unlist: SettingsAction;
}) {
  const { line, say } = useSaid();
  return (
    <>
      <Table caption="Networks that need no code" rows="entity" head={<Head />}>
        {networks.length === 0 ? (
          <NoRows columns={5}>From everywhere a code is needed.</NoRows>
        ) : null}
        {networks.map(({ id, name, cidrs, team, zone }) => (
          <tr key={id}>
            <th scope="row">
              <Visible text={name} oneLine />
            </th>
            <td className="mono s12 p3 settings-cell">{cidrs.join(' ')}</td>
            <td className="t2">{team === null ? gone : visibleText(team)}</td>
            <td className="t2">{zone === null ? gone : visibleText(zone)}</td>
            <td>
              <ReasonDialog
                id={`unlist-${id}`}
                word="Take off"
                label={`Take off ${visibleText(name)}`}
                title={`Have workloads of ${visibleText(name)} need a code?`}
                keep="Leave it"
                act={unlist}
                fields={{ id }}
                done={say}
              >
                Those that asked go on waiting for a person.
              </ReasonDialog>
            </td>
          </tr>
        ))}
      </Table>
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Network</th>
      <th scope="col" className="p3">
        Addresses
      </th>
      <th scope="col">Team</th>
      <th scope="col">Zone</th>
      <th scope="col">
        <span className="vh">Actions</span>
      </th>
    </>
  );
}
