'use client';

import { useQuery } from '@tanstack/react-query';
import { LiveProvider, readLive } from '@/components/inventory/live';
import { State } from '@/components/ui/badge';
import { ingestWords } from '@/lib/inventory/health/assess';
import { Finding } from '@/lib/inventory/health/schema';

const everyMs = 5000;

/** Whether telemetry is being taken in, on every page and while it stays open. */
export function IngestState({ first }: { first: Finding }) {
  return (
    <LiveProvider>
      <Live first={first} />
    </LiveProvider>
  );
}

function Live({ first }: { first: Finding }) {
  const { data, error } = useQuery({
    queryKey: ['ingest'],
    queryFn: ({ signal }) => readLive(Finding, '/api/live/ingest', signal),
    initialData: first,
    refetchInterval: everyMs,
  });
  return (
    <span className="pulse-state s12 t2" role="status">
      {error === null ? (
        <State tone={data.tone} title={data.sentence}>
          {ingestWords(data)}
        </State>
      ) : (
        <State tone="none" title="The console does not answer, so nobody knows.">
          Ingest unknown
        </State>
      )}
    </span>
  );
}
