import type { AttesterRule, PostureFact, PostureKind } from './schema';

export const kindLabels: Record<PostureKind, string> = {
  boolean: 'Yes or no',
  integer: 'Whole number',
  decimal: 'Number with decimals',
  choice: 'One of a list',
  text: 'Text',
};

/** A fact as people call it: `disk_encrypted` is “Disk encrypted”. */
export function factWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const valueWords = (value: PostureFact['value']): string =>
  typeof value === 'boolean' ? (value ? 'Yes' : 'No') : String(value);

const units = [
  [1440, 'day'],
  [60, 'hour'],
  [1, 'minute'],
] as const;

/** The longest validity, in the largest unit that says it exactly. */
export function validityWords(minutes: number): string {
  const [size, unit] = units.find(([each]) => minutes % each === 0) ?? units[2];
  const count = minutes / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const namedMax = 3;

/** Of whom an attester may say it. */
export function reachWords({
  reach,
  identities,
  teamName,
  named,
}: Pick<AttesterRule, 'reach' | 'identities'> & {
  teamName: string | null;
  named: readonly string[];
}): string {
  if (reach === 'all') return 'All identities';
  if (reach === 'team') return `Team ${teamName ?? ''}`.trim();
  const shown = named.slice(0, namedMax);
  const more = identities.length - shown.length;
  if (shown.length === 0) return `${more} ${more === 1 ? 'identity' : 'identities'}`;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
