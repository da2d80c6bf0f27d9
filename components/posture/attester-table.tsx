'use client';

import Link from 'next/link';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { State } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { Table } from '@/components/ui/table';
import { reachWords } from '@/lib/identities/posture/labels';
import type { Attester } from '@/lib/identities/posture/queries';
import type { PostureAction } from '@/lib/identities/posture/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';

/** Services that may attest: what, of whom, and when each last did. */
export function AttesterTable({
  attesters,
  now,
  remove,
  mayChange,
}: {
  attesters: readonly Attester[];
  now: Date;
  remove: PostureAction;
  mayChange: boolean;
}) {
  const { line, say } = useSaid();
  return (
    <>
      {attesters.length === 0 ? (
        <Empty title="No service attests posture">
          Let a scanner, a device manager or a build service say in what state identities are. It
          proves itself by certificate, registered key or federated token, and says nothing of
          itself.
        </Empty>
      ) : (
        <Table caption="Attesters" rows="entity" head={<Head />}>
          {attesters.map((attester) => (
            <tr key={attester.identity}>
              <th scope="row">{visibleText(attester.name)}</th>
              <td>
                {attester.state === 'active' ? (
                  <State tone="on">May attest</State>
                ) : (
                  <State tone="bad">Is {attester.state}</State>
                )}
              </td>
              <td className="settings-cell">{reachWords(attester)}</td>
              <td className="mono s12 settings-cell p3">{attester.facts.join(', ')}</td>
              <td
                className="t2 p4"
                title={attester.lastSaidAt === null ? undefined : utcTime(attester.lastSaidAt)}
              >
                {attester.lastSaidAt === null ? 'never' : relativeTime(attester.lastSaidAt, now)}
              </td>
              <td>
                {mayChange ? <RowActions attester={attester} remove={remove} done={say} /> : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

const Head = () => (
  <>
    <th scope="col">Attester</th>
    <th scope="col">State</th>
    <th scope="col">Of whom</th>
    <th scope="col" className="p3">
      Facts
    </th>
    <th scope="col" className="p4">
      Last attested
    </th>
    <th scope="col">
      <span className="vh">Actions</span>
    </th>
  </>
);

function RowActions({
  attester: { identity, name: given, changedAt },
  remove,
  done,
}: {
  attester: Attester;
  remove: PostureAction;
  done: (sentence: string) => void;
}) {
  const name = visibleText(given);
  return (
    <div className="settings-row-actions">
      <Link
        className={buttonClass({ size: 'small', variant: 'ghost' })}
        href={`/settings/posture?attester=${identity}#attester-title`}
        aria-label={`Change ${name}`}
      >
        Change
      </Link>
      <ReasonDialog
        id={`remove-${identity}`}
        word="Remove"
        label={`Remove ${name}`}
        title={`Let ${name} attest no more?`}
        keep="Keep it"
        act={remove}
        fields={{ identityId: identity, seenAt: changedAt.toISOString() }}
        done={done}
      >
        What it attested counts as absent at once. The service itself stays registered.
      </ReasonDialog>
    </div>
  );
}
