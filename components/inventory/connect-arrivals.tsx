'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { State } from '@/components/ui/badge';
import { Callout } from '@/components/ui/callout';
import { Icon } from '@/components/ui/icon';
import { Table } from '@/components/ui/table';
import {
  Arrived,
  arrivedHref,
  arrivedMax,
  expected,
  expectedLabels,
  signalWords,
} from '@/lib/inventory/connect/arrived';
import type { Way } from '@/lib/inventory/connect/ways';
import { thousands } from '@/lib/inventory/labels';
import { readLive } from './live';
import { LiveFailure } from './live-failure';
import { Visible } from './visible';

const everyMs = 3000;

/** Waits for the first interaction of an identity, then says what arrived and what is missing. */
export function ConnectArrivals({ identity, way }: { identity: string | null; way: Way }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['arrived', identity],
    queryFn: ({ signal }) => readLive(Arrived, `/api/live/arrived?identity=${identity}`, signal),
    enabled: identity !== null,
    refetchInterval: everyMs,
  });
  const arrived = data ?? null;
  const isHere = arrived !== null && arrived.received > 0;
  return (
    <>
      <p className="waitbox" role="status">
        {identity === null ? (
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
      In the last 15 minutes {received >= arrivedMax ? 'over ' : ''}
      {thousands(received)} received
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
