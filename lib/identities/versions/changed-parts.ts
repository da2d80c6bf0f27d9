import type { CanonicalValue } from '@/lib/log/canonical';
import type { IdentityAttributes } from './schema';

export type AttributeName = keyof IdentityAttributes;
type Facts = Record<string, CanonicalValue>;

/** As entries name them. */
const factNames: Record<AttributeName, string> = {
  kind: 'kind',
  name: 'name',
  names: 'names',
  state: 'state',
  owner: 'owner',
  sponsor: 'sponsor',
  team: 'team',
  zone: 'zone',
  purpose: 'purpose',
  trust: 'trust',
  tags: 'tags',
  actsFor: 'acts_for',
  expects: 'expects',
  reportsFor: 'reports_for',
};

/** The keys of the table above, which are those of the schema. */
export const attributeNames = Object.keys(factNames) as AttributeName[];

/** What is different between two versions. */
export const changedNames = (
  before: IdentityAttributes,
  after: IdentityAttributes,
): AttributeName[] =>
  attributeNames.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));

/** The same as an entry tells of it. */
export function changeFacts(
  before: IdentityAttributes,
  after: IdentityAttributes,
): { before: Facts; after: Facts } {
  const names = changedNames(before, after);
  const partsOf = (all: IdentityAttributes): Facts =>
    Object.fromEntries(names.map((name) => [factNames[name], all[name]]));
  return { before: partsOf(before), after: partsOf(after) };
}
