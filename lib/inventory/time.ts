const msPerNs = 1_000_000n;
// The years 1970 to 9999; anything else is shown as the number that was sent.
const lastNs = 253_402_300_800_000_000_000n;

/** An event time as sent. `null` when no calendar reaches it. */
export function dateOfNs(ns: string): Date | null {
  const value = BigInt(ns);
  return value < 0n || value >= lastNs ? null : new Date(Number(value / msPerNs));
}

/** `14:36:01.882` on the same UTC day as `now`, else with the day before it. */
export function rowTime(ns: string, now: Date): string {
  const at = dateOfNs(ns);
  if (at === null) return 'no such time';
  const iso = at.toISOString();
  const time = iso.slice(11, 23);
  if (iso.slice(0, 10) === now.toISOString().slice(0, 10)) return time;
  return `${iso.slice(at.getUTCFullYear() === now.getUTCFullYear() ? 5 : 0, 10)} ${time}`;
}

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
