import type { ContentRule, Removal } from './schema';

export const contentLabels: Record<ContentRule, { word: string; says: string }> = {
  keep: { word: 'Keep', says: 'Content is stored as it is sent, secrets in it too.' },
  redact: {
    word: 'Redact secrets',
    says: 'Content is stored, but for values of credentials and known key shapes.',
  },
  digest: {
    word: 'Digest only',
    says: 'Of content only its size and digest are stored. Nobody can read it later.',
  },
};

const days = (count: number) => `${count.toLocaleString('en-GB')} day${count === 1 ? '' : 's'}`;

/** `1.2 GB`, for people: of a thousand. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)),
  );
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en-GB', { maximumFractionDigits: value < 10 ? 1 : 0 })} ${units[power]}`;
}

/** What goes if so little is kept, in words. */
export function removalWords(removal: Removal): string {
  const { bodyDays, bodyBytes, factDays, factBytes, quarantined } = removal;
  const parts = [
    ...(bodyDays > 0 ? [`the content of ${days(bodyDays)} (${sizeText(bodyBytes)})`] : []),
    ...(factDays > 0 ? [`the facts of ${days(factDays)} (${sizeText(factBytes)})`] : []),
    ...(quarantined > 0
      ? [`${quarantined.toLocaleString('en-GB')} item${quarantined === 1 ? '' : 's'} in quarantine`]
      : []),
  ];
  const last = parts.pop();
  if (last === undefined)
    return 'Nothing that is kept today is that old, so nothing goes now. From here on it goes sooner.';
  const what = parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
  return `This removes ${what} with the worker’s next run, within the hour. There is no undo; that it was stays in the log.`;
}
