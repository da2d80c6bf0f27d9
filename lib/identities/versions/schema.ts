import { z } from 'zod';
import { identityKinds, identityStates } from '../schema';
import { trustLevels } from '../trust/schema';

/** All that was known of an identity at one revision: ids, so that it says the same however things are named later. */
export const IdentityAttributes = z.object({
  kind: z.enum(identityKinds),
  name: z.string(),
  names: z.array(z.string()),
  state: z.enum(identityStates),
  owner: z.guid().nullable(),
  sponsor: z.guid().nullable(),
  team: z.guid().nullable(),
  zone: z.guid().nullable(),
  purpose: z.string(),
  trust: z.enum(trustLevels),
  tags: z.array(z.string()),
  actsFor: z.union([
    z.literal('all'),
    z.object({ people: z.array(z.guid()), teams: z.array(z.guid()) }),
  ]),
  expects: z.array(z.guid()),
  reportsFor: z.union([z.literal('all'), z.array(z.guid())]),
});
export type IdentityAttributes = z.infer<typeof IdentityAttributes>;
