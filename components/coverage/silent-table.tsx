import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind, State, type StateTone } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import type { IdentityState } from '@/lib/identities/schema';
import type { CoveredIdentity } from '@/lib/inventory/coverage/schema';
import { identityIcons } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';

const states: Record<IdentityState, { word: string; tone: StateTone }> = {
  proposed: { word: 'Proposed', tone: 'wait' },
  active: { word: 'Active', tone: 'on' },
  suspended: { word: 'Suspended', tone: 'off' },
  decommissioned: { word: 'Decommissioned', tone: 'none' },
};

/** Registered identities of which nothing was seen for a day, and what may be why. */
export function SilentTable({
  identities,
  chosen,
  hrefOf,
  now,
}: {
  identities: readonly CoveredIdentity[];
  chosen: string | null;
  hrefOf: (id: string) => string;
  now: Date;
}) {
  return (
    <Table
      caption="Silent identities, by name"
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">Identity</th>
          <th scope="col" className="p2">
            State
          </th>
          <th scope="col" className="w-max">
            Why it may be
          </th>
          <th scope="col" className="num">
            Last seen
          </th>
        </>
      }
    >
      {identities.map((identity) => (
        <tr key={identity.id} data-id={identity.id} aria-selected={identity.id === chosen}>
          <th scope="row" className="cut">
            <Link
              className="plain"
              href={hrefOf(identity.id)}
              scroll={false}
              prefetch={false}
              title={identity.name}
            >
              <Kind icon={identityIcons[identity.kind]}>
                <Visible text={identity.name} oneLine />
              </Kind>
            </Link>
          </th>
          <td className="p2">
            <State tone={states[identity.state].tone}>{states[identity.state].word}</State>
          </td>
          <td className="w-max t2">{whySilent(identity, now)}</td>
          <td
            className="num t2"
            title={identity.lastAt === null ? undefined : utcTime(identity.lastAt)}
          >
            {identity.lastAt === null ? 'Never' : relativeTime(identity.lastAt, now)}
          </td>
        </tr>
      ))}
      {identities.length === 0 ? (
        <NoRows columns={4}>Every identity was seen in the last 24 hours.</NoRows>
      ) : null}
    </Table>
  );
}

/** What is known that explains it; the program itself may simply not run. */
export function whySilent({ state, kind, keyEndsAt, lastAt }: CoveredIdentity, now: Date): string {
  if (state !== 'active') return `It is ${state}, so nothing it sends is taken.`;
  if (keyEndsAt !== null && keyEndsAt <= now)
    return `Its ingest key ended ${relativeTime(keyEndsAt, now)}.`;
  if (keyEndsAt === null && kind !== 'external_api')
    return 'It has no ingest key; only a collector can tell of it.';
  return lastAt === null
    ? 'It was never connected, or its telemetry goes elsewhere.'
    : 'Its key is in force. Does the program run?';
}
