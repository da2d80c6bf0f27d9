import { z } from 'zod';
import { identityKinds, identityStates } from '../schema';

/** What the registry says of an identity; never what it proves itself with. */
export const RegisteredIdentity = z.object({
  id: z.guid(),
  kind: z.enum(identityKinds),
  name: z.string(),
  /** What data may declare for it besides. */
  names: z.array(z.string()),
  state: z.enum(identityStates),
  team: z.object({ id: z.guid(), name: z.string() }).nullable(),
  /** The id of the person who answers for it. */
  owner: z.guid().nullable(),
  reportsForAll: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type RegisteredIdentity = z.infer<typeof RegisteredIdentity>;

export type IdentityFilter = {
  kind: readonly (typeof identityKinds)[number][];
  state: readonly (typeof identityStates)[number][];
};
