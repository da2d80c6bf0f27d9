/** An instant in UTC, as panels show it: `12 Nov 2026 14:03:09.640 UTC`. */
export function UtcTime({ at }: { at: Date }) {
  const iso = at.toISOString();
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(at);
  return <time dateTime={iso}>{`${day} ${iso.slice(11, 23)} UTC`}</time>;
}
