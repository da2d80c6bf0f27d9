import { classificationLabels, resourceStateLabels, sideEffectLabels, trustLabels } from './labels';
import type { Registered } from './schema';

const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  classification: classificationLabels,
  trust: trustLabels,
  sideEffect: sideEffectLabels,
  state: resourceStateLabels,
};

const terms: Record<keyof Registered, string> = {
  state: 'state',
  classification: 'classification',
  trust: 'trust',
  sideEffect: 'side effect',
  ownerId: 'owner',
  teamId: 'team',
  zoneId: 'zone',
  purpose: 'purpose',
  tags: 'tags',
  names: 'further names',
  hostNames: 'host names',
};

/** What differs from the version before, in words: "trust: Sandbox, was not said". `names` is of people, teams and zones. */
export function changesOf(
  now: Registered,
  before: Registered | null,
  names: ReadonlyMap<string, string>,
): string[] {
  const fields = Object.keys(terms) as (keyof Registered)[]; // Object.keys forgets what it lists
  return fields.flatMap((field) => {
    const [is, was] = [
      wordOf(field, now[field], names),
      before === null ? null : wordOf(field, before[field], names),
    ];
    if (is === (was ?? 'not said')) return [];
    return [`${terms[field]}: ${is}${was === null ? '' : `, was ${was}`}`];
  });
}

function wordOf(
  field: string,
  value: string | readonly string[] | null | undefined,
  names: ReadonlyMap<string, string>,
): string {
  if (value === null || value === undefined || value.length === 0) return 'not said';
  if (typeof value !== 'string') return [...value].sort().join(', ');
  return words[field]?.[value] ?? names.get(value) ?? value;
}
