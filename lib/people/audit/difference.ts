import type { Facts } from './schema';

/** One thing that a change was about; null where it was not there. */
export type Difference = {
  name: string;
  before: string | null;
  after: string | null;
  isChanged: boolean;
};

/** Shown apart: who and from where, the change, and why. */
const apart = new Set(['by', 'address', 'sign_in', 'before', 'after', 'reason']);

/** What is neither who, nor the change, nor why: each fact by its name, as text. */
export const otherFacts = (facts: Facts): (readonly [name: string, text: string])[] =>
  Object.entries(facts).flatMap(([name, value]) => {
    const text = factText(value);
    return apart.has(name) || text === null ? [] : [[name, text] as const];
  });

/** JSON that means the same, in which nothing hides, reorders or commands. */
export const plainJson = (json: string): string =>
  json.replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, (char) =>
    char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** What it was before and is after, name by name; null for an entry that tells of no change. */
export function differencesOf({ before, after }: Facts): Difference[] | null {
  if (before === undefined && after === undefined) return null;
  const [old, fresh] = [partsOf(before), partsOf(after)];
  return [...new Set([...Object.keys(fresh), ...Object.keys(old)])].map((name) => {
    const [was, is] = [factText(old[name]), factText(fresh[name])];
    return { name, before: was, after: is, isChanged: was !== is };
  });
}

const partsOf = (value: unknown): Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Facts)
    : value === undefined || value === null
      ? {}
      : { value };

/** Null for what is not there. */
export function factText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return value.length === 0 ? 'none' : value.join(', ');
  return JSON.stringify(value);
}
