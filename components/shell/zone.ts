import { isTimeZone } from '@/lib/core/time-zone';

export const zoneCookie = 'zone';

/** What the `zone` cookie may say; before a browser has said it, pages are in UTC. */
export const zoneOf = (text: string | undefined): string =>
  text !== undefined && isTimeZone(text) ? text : 'UTC';
