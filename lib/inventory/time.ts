const msPerNs = 1_000_000n;
// The years 1970 to 9999; anything else is shown as the number that was sent.
const lastNs = 253_402_300_800_000_000_000n;

/** An event time as sent. `null` when no calendar reaches it. */
export function dateOfNs(ns: string): Date | null {
  const value = BigInt(ns);
  return value < 0n || value >= lastNs ? null : new Date(Number(value / msPerNs));
}

/** `14:36:01.882` on the same day of the zone as `now`, else with the day before it. */
export function rowTime(ns: string, now: Date, zone: string): string {
  const at = dateOfNs(ns);
  if (at === null) return 'no such time';
  const [day = '', time = ''] = zonedTime(at, zone).split(' ');
  const [today = ''] = zonedTime(now, zone).split(' ');
  if (day === today) return time;
  return `${day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day} ${time}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-12 15:36:01.882` as clocks of the zone show it. */
export function zonedTime(at: Date, zone: string): string {
  if (zone === 'UTC') return at.toISOString().slice(0, 23).replace('T', ' ');
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hourCycle: 'h23',
    });
  formats.set(zone, format);
  const parts = Object.fromEntries(
    format.formatToParts(at).map(({ type, value }) => [type, value]),
  );
  const { year = '', month, day, hour, minute, second, fractionalSecond } = parts;
  return `${year.padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}.${fractionalSecond}`;
}

/** `2026-11-12 14:00 to 15:00 Vienna`; an end on another day is told with it. */
export function rangeWords({ from, to }: { from: Date; to: Date | null }, zone: string): string {
  const [start, end] = [from, to ?? from].map((at) => zonedTime(at, zone).slice(0, 16));
  const isOneDay = start?.slice(0, 10) === end?.slice(0, 10);
  const until = to === null ? 'now' : isOneDay ? end?.slice(11) : end;
  return `${start} to ${until} ${zoneWord(zone)}`;
}

/** A zone as a heading names it: `UTC`, `Buenos Aires`. */
export const zoneWord = (zone: string): string =>
  zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');

/** `2026-11-12 14:36:01.882 UTC`. */
export const utcTime = (at: Date): string =>
  `${at.toISOString().slice(0, 23).replace('T', ' ')} UTC`;

/** "33 min ago", "in 2 h"; for lists, beside the exact time. */
export function relativeTime(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const text = duration(Math.abs(seconds) * 1000);
  if (Math.abs(seconds) < 1) return 'just now';
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

/** The largest unit that fits: `312 ms`, `1.5 s`, `33 min`, `5 h`, `3 d`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 120 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}
