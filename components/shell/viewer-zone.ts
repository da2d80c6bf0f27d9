import { cookies } from 'next/headers';
import { zoneCookie, zoneOf } from './zone';

/** The time zone of whoever asks for a page, as their browser told it. */
export const viewerZone = async (): Promise<string> =>
  zoneOf((await cookies()).get(zoneCookie)?.value);
