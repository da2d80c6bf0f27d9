'use client';

import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { Icon } from '@/components/ui/icon';
import { thousands } from '@/lib/inventory/labels';
import { readLive } from './live';

const Arrivals = z.object({ count: z.number().int().min(0) });
const everyMs = 4000;

/** Counts what arrived after the newest row shown; nothing moves until somebody asks for it. */
export function useArrivals(search: string, newest: string | null): number {
  const params = new URLSearchParams(search);
  if (newest !== null) params.set('after', newest);
  const { data } = useQuery({
    queryKey: ['arrivals', params.toString()],
    queryFn: ({ signal }) => readLive(Arrivals, `/api/live/arrivals?${params}`, signal),
    refetchInterval: everyMs,
    retry: false,
  });
  return data?.count ?? 0;
}

export function NewRows({
  search,
  newest,
  show,
}: {
  search: string;
  newest: string | null;
  show: () => void;
}) {
  const count = useArrivals(search, newest);
  return (
    <div aria-live="polite">
      {count === 0 ? null : (
        <button type="button" className="newbar" onClick={show}>
          <Icon name="arrow-u" size={12} />
          {count >= 1000 ? 'Over 1,000' : thousands(count)} new{' '}
          {count === 1 ? 'interaction' : 'interactions'}
        </button>
      )}
    </div>
  );
}
