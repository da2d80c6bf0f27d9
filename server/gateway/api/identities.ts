import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import {
  findRegistered,
  identitiesPerPage,
  listRegistered,
} from '@/lib/identities/registry/queries';
import { RegisteredIdentity } from '@/lib/identities/registry/schema';
import { identityKinds, identityStates } from '@/lib/identities/schema';
import { none, repeated, route } from './route';

export const identityList = route({
  path: '/identities',
  id: 'listIdentities',
  summary: `Registered identities in order of registration, ${identitiesPerPage} a page`,
  needs: 'registry:read',
  params: none,
  query: z.strictObject({
    kind: repeated(z.enum(identityKinds)),
    state: repeated(z.enum(identityStates)),
    after: z.guid().optional().describe('`next` of the page before'),
  }),
  answer: z.object({
    identities: z.array(RegisteredIdentity),
    next: z.guid().nullable().describe('For `after`; null on the last page'),
  }),
  handle: ({ scope, db }, { kind, state, after }) =>
    listRegistered(scope, { filter: { kind, state }, after: after ?? null }, db),
});

export const identityById = route({
  path: '/identities/{id}',
  id: 'getIdentity',
  summary: 'One registered identity',
  needs: 'registry:read',
  params: z.strictObject({ id: z.guid() }),
  query: none,
  answer: RegisteredIdentity,
  async handle({ scope, db }, { id }) {
    const found = await findRegistered(scope, id, db);
    if (found === null) throw new AppError('not_found', 'No identity is registered under this id.');
    return found;
  },
});
