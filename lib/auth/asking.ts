import { headers } from 'next/headers';
import { systemClock } from '@/lib/core/clock';
import type { Asking } from './mutations';
import { addressOf } from './peer';

/** Who makes this request, as far as it can be believed, and when. */
export async function readAsking(): Promise<Asking> {
  const sent = await headers();
  return {
    address: addressOf(sent),
    userAgent: sent.get('user-agent') ?? '',
    now: systemClock(),
  };
}
