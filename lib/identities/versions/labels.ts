import type { IdentityAttributes } from './schema';

export const attributeLabels: Record<keyof IdentityAttributes, string> = {
  kind: 'Kind',
  name: 'Name',
  names: 'Further names',
  state: 'State',
  owner: 'Owner',
  sponsor: 'Sponsor',
  team: 'Team',
  zone: 'Zone',
  purpose: 'Purpose',
  trust: 'Trust',
  tags: 'Tags',
  actsFor: 'May act for',
  expects: 'Expected resources',
  reportsFor: 'Reports for',
};
