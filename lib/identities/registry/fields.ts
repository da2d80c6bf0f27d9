import { z } from 'zod';
import { zoneEnvironments } from '@/lib/zones/schema';
import { identityKinds, identityStates } from '../schema';
import { trustLevels } from '../trust/schema';

const Named = z.string().min(1).max(256);

/** One parameter of the address per field; each may repeat, and any of its values matches. */
export const registryFields = {
  kind: z.enum(identityKinds),
  state: z.enum(identityStates),
  team: Named,
  owner: Named,
  zone: Named,
  environment: z.enum(zoneEnvironments),
  trust: z.enum(trustLevels),
  tag: Named,
  assurance: z.string().regex(/^(<[1-3]|>[0-2]|[0-3])$/),
  expires: z.string().regex(/^<[1-9]\d{0,2}d$/),
} as const;
export type RegistryField = keyof typeof registryFields;
export const registryFieldNames = [
  'kind',
  'state',
  'team',
  'owner',
  'zone',
  'environment',
  'trust',
  'tag',
  'assurance',
  'expires',
] as const satisfies RegistryField[];

export const registryExamples: Record<RegistryField, string> = {
  kind: identityKinds.join(', '),
  state: identityStates.join(', '),
  team: 'the name of a team, or none',
  owner: 'the name or e-mail address of a person, or none',
  zone: 'the name of a zone, or none',
  environment: zoneEnvironments.join(', '),
  trust: trustLevels.join(', '),
  tag: 'a tag of at most 256 characters',
  assurance: '<2, >0 or 1',
  expires: '<7d, with at most 999 days',
};
