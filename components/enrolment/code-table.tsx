'use client';

import { Visible } from '@/components/inventory/visible';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { NoRows, Table } from '@/components/ui/table';
import type { EnrolmentCode } from '@/lib/identities/enrolment/schema';
import { utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { expiryWords } from '@/lib/people/api-keys/labels';
import type { SettingsAction } from '@/lib/people/organisation/schema';

const gone = 'none any more';

/** Codes that work. */
export function CodeTable({
  codes,
  now,
  revoke,
}: {
  codes: readonly EnrolmentCode[];
  now: Date;
  revoke: SettingsAction;
}) {
  const { line, say } = useSaid();
  return (
    <>
      <Table caption="Enrolment codes that work" rows="entity" head={<Head />}>
        {codes.length === 0 ? <NoRows columns={7}>No code works.</NoRows> : null}
        {codes.map((code) => (
          <tr key={code.id}>
            <th scope="row">
              <Visible text={code.name} oneLine /> <span className="mono t3">…{code.hint}</span>
            </th>
            <td>
              {code.uses} of {code.usesMax}
            </td>
            <td className="t2">{code.team === null ? gone : visibleText(code.team)}</td>
            <td className="t2 p3">{code.zone === null ? gone : visibleText(code.zone)}</td>
            <td className="t2 p4">
              <Visible text={code.maker} oneLine />
            </td>
            <td className="t2" title={utcTime(code.expiresAt)}>
              {expiryWords(code.expiresAt, now)}
            </td>
            <td>
              <ReasonDialog
                id={`revoke-${code.id}`}
                word="Revoke"
                label={`Revoke ${visibleText(code.name)} …${code.hint}`}
                title={`Revoke ${visibleText(code.name)} …${code.hint}?`}
                keep="Keep it"
                act={revoke}
                fields={{ id: code.id }}
                done={say}
              >
                No workload asks by it any more. Those that asked go on waiting for a person.
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
      <th scope="col">Code</th>
      <th scope="col">Used</th>
      <th scope="col">Team</th>
      <th scope="col" className="p3">
        Zone
      </th>
      <th scope="col" className="p4">
        Made by
      </th>
      <th scope="col">Expires</th>
      <th scope="col">
        <span className="vh">Actions</span>
      </th>
    </>
  );
}
