'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { State } from '@/components/ui/badge';
import { Callout } from '@/components/ui/callout';
import { Icon } from '@/components/ui/icon';
import { Table } from '@/components/ui/table';
import {
  type Arrived,
  ArrivedLook,
  addArrived,
  arrivedHref,
  expected,
  expectedLabels,
  signalWords,
} from '@/lib/inventory/connect/arrived';
import type { Connected } from '@/lib/inventory/connect/schema';
import type { Way } from '@/lib/inventory/connect/ways';
import { thousands } from '@/lib/inventory/labels';
import { readLive } from './live';
import { LiveFailure } from './live-failure';
import { Visible } from './visible';

const everyMs = 3000;
const behindMs = 100;

/** Waits for the first interaction by a key, then says what arrived and what is missing. */
export function ConnectArrivals({ made, way }: { made: Connected | null; way: Way }) {
  const client = useQueryClient();
  const key = ['arrived', made?.id, made?.place];
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<ArrivedLook> => {
      const until = client.getQueryData<ArrivedLook>(key);
      const after = until?.place ?? made?.place ?? '';
      const search = new URLSearchParams({ identity: made?.id ?? '', after });
      const look = await readLive(ArrivedLook, `/api/live/arrived?${search}`, signal);
      return { ...look, arrived: addArrived(until?.arrived, look.arrived) };
    },
    enabled: made !== null,
    refetchInterval: ({ state }) => (state.data?.isBehind === true ? behindMs : everyMs),
    // Whoever sends is often in another window.
    refetchIntervalInBackground: true,
  });
  const arrived = data?.arrived ?? null;
  const isHere = arrived !== null && arrived.received > 0;
  return (
    <>
      <p className="waitbox" role="status">
        {made === null ? (
          <span className="t3">Waits once there is a key.</span>
        ) : isHere ? (
          <>
            <Icon name="check" className="tone-allow" />
            <span>
              It is here. <Link href={arrivedHref(arrived)}>See it in the inventory</Link>
            </span>
          </>
        ) : (
          <>
            {error === null ? <span className="pulse-dot" aria-hidden="true" /> : null}
            Waiting for the first interaction. This page continues by itself, you may leave it.
          </>
        )}
      </p>
      {error === null ? null : (
        <LiveFailure
          what="What arrived could not be read."
          error={error}
          retry={() => void refetch()}
        />
      )}
      {arrived === null ? null : <Counts arrived={arrived} />}
      {arrived !== null && arrived.otherNames.length > 0 ? (
        <Callout tone="review">
          Some of it declares itself as{' '}
          <b>
            <Visible text={arrived.otherNames.join(', ')} oneLine />
          </b>
          , for which this key may not speak, so it stands as{' '}
          <Link href="/coverage?view=shadow">shadow activity</Link>. Have it declare a name that is
          registered, or register one with that name.
        </Callout>
      ) : null}
      <Expectations arrived={isHere ? arrived : null} way={way} />
    </>
  );
}

function Counts({ arrived }: { arrived: Arrived }) {
  const { received, refused, signals } = arrived;
  return (
    <p className="t3 s12">
      Since the key was made {thousands(received)} received
      {signals.length === 0
        ? ''
        : ` as ${signals.map((signal) => signalWords[signal]).join(' and ')}`}
      , {thousands(refused)} refused
      {refused === 0 ? (
        '.'
      ) : (
        <>
          : <Link href="/health/quarantine">Quarantine</Link> names the reason for each.
        </>
      )}
    </p>
  );
}

function Expectations({ arrived, way }: { arrived: Arrived | null; way: Way }) {
  return (
    <Table
      caption="What to expect"
      inset
      head={
        <>
          <th scope="col">What to expect</th>
          <th scope="col" className="p2">
            Needed for
          </th>
          <th scope="col">State</th>
        </>
      }
    >
      {expected.map((what) => {
        const has = arrived?.has.includes(what) === true;
        const remedy = has || arrived === null ? undefined : way.remedies[what];
        return (
          <tr key={what}>
            <th scope="row">{expectedLabels[what].what}</th>
            <td className="t2 p2">{expectedLabels[what].neededFor}</td>
            <td className="connect-state">
              <State tone={has ? 'on' : 'none'}>{has ? 'Arrived' : 'Not yet'}</State>
              {remedy === undefined ? null : <span className="t3 s12"> {remedy}</span>}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
