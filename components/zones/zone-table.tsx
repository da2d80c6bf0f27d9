'use client';

import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { Table } from '@/components/ui/table';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { environmentLabels, zoneKindLabels } from '@/lib/zones/labels';
import type { Zone } from '@/lib/zones/schema';

/** Every zone, what it is, and how much lives in it. */
export function ZoneTable({
  zones,
  chosen,
  now,
  remove,
  mayChange,
}: {
  zones: readonly Zone[];
  /** Id of the one that is being changed. */
  chosen: string | null;
  now: Date;
  remove: SettingsAction;
  mayChange: boolean;
}) {
  const { line, say } = useSaid();
  return (
    <>
      {zones.length === 0 ? (
        <Empty title="No zones yet">
          A zone keeps identities and resources apart from others: production from development, your
          own tools from those outside. What lives in none has no environment.
        </Empty>
      ) : (
        <Table
          caption="Zones, by name"
          rows="entity"
          stickyFirst
          head={<Head hasActions={mayChange} />}
        >
          {zones.map((zone) => (
            <tr key={zone.id} data-id={zone.id} aria-selected={zone.id === chosen}>
              <th scope="row" className="cut" title={visibleText(zone.name)}>
                <Visible text={zone.name} oneLine />
              </th>
              <td>{zoneKindLabels[zone.kind]}</td>
              <td>{environmentLabels[zone.environment]}</td>
              <td className="w-max t2 p3" title={visibleText(zone.purpose)}>
                {zone.purpose === '' ? (
                  <span className="t3">not said</span>
                ) : (
                  <Visible text={zone.purpose} oneLine />
                )}
              </td>
              <td className="num">{thousands(zone.identities)}</td>
              <td className="num">
                <Link href={`/resources?zone=${zone.id}`} prefetch={false}>
                  {thousands(zone.resources)}
                </Link>
              </td>
              <td className="t2 num p4" title={utcTime(zone.changedAt)}>
                {relativeTime(zone.changedAt, now)}
              </td>
              {mayChange ? (
                <td>
                  <RowActions zone={zone} remove={remove} done={say} />
                </td>
              ) : null}
            </tr>
          ))}
        </Table>
      )}
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

function Head({ hasActions }: { hasActions: boolean }) {
  return (
    <>
      <th scope="col">Zone</th>
      <th scope="col">Kind</th>
      <th scope="col">Environment</th>
      <th scope="col" className="p3 w-max">
        Purpose
      </th>
      <th scope="col" className="num">
        Identities
      </th>
      <th scope="col" className="num">
        Resources
      </th>
      <th scope="col" className="p4 num">
        Changed
      </th>
      {hasActions ? (
        <th scope="col">
          <span className="vh">Actions</span>
        </th>
      ) : null}
    </>
  );
}

function RowActions({
  zone,
  remove,
  done,
}: {
  zone: Zone;
  remove: SettingsAction;
  done: (sentence: string) => void;
}) {
  const name = visibleText(zone.name);
  return (
    <div className="settings-row-actions">
      <Link
        className={buttonClass({ size: 'small', variant: 'ghost' })}
        href={`/zones?zone=${zone.id}`}
        aria-label={`Change ${name}`}
      >
        Change
      </Link>
      <ReasonDialog
        id={`remove-${zone.id}`}
        word="Remove"
        label={`Remove ${name}`}
        title={`Remove ${name}?`}
        keep="Keep it"
        act={remove}
        fields={{ id: zone.id, seenAt: zone.changedAt.toISOString() }}
        done={done}
      >
        A zone is removed only when nothing lives in it; what lived in it is not removed with it.
      </ReasonDialog>
    </div>
  );
}
