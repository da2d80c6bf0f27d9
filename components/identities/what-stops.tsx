'use client';

import { useQuery } from '@tanstack/react-query';
import { LiveProvider, readLive } from '@/components/inventory/live';
import { LiveFailure } from '@/components/inventory/live-failure';
import { Visible } from '@/components/inventory/visible';
import { ShownDrill, stopSentences } from '@/lib/identities/drill/shown';

/** What would stop if an identity were stopped now, read when it is asked for. */
export function WhatStops({ identity }: { identity: string }) {
  return (
    <LiveProvider>
      <section aria-labelledby={`stops-${identity}`}>
        <h3 id={`stops-${identity}`}>What would stop</h3>
        <Drill identity={identity} />
      </section>
    </LiveProvider>
  );
}

function Drill({ identity }: { identity: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['stop', identity],
    queryFn: ({ signal }) => readLive(ShownDrill, `/api/live/stop?id=${identity}`, signal),
    staleTime: 0,
  });
  if (error !== null)
    return (
      <LiveFailure what="What would stop cannot be said." error={error} retry={() => refetch()} />
    );
  if (data === undefined) return <p className="s12 t3">Being looked up …</p>;
  return (
    <ul className="idn-stop s12">
      {stopSentences(data).map((sentence) => (
        <li key={sentence}>
          <Visible text={sentence} oneLine />
        </li>
      ))}
    </ul>
  );
}
