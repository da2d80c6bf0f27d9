import { z } from 'zod';
import { getIdentity, listIdentities } from '@/lib/identities/registry/queries';
import { identityKinds, identityStates } from '@/lib/identities/schema';
import { trustLevels } from '@/lib/identities/trust/schema';
import { zoneEnvironments } from '@/lib/zones/schema';
import {
  DetailedIdentity,
  detailedOf,
  RegisteredIdentity,
  registeredOf,
} from './registered-identity';
import { none, repeated, route } from './route';

const identitiesPerPage = 200;
const reference = repeated(z.union([z.guid(), z.literal('none')]));
const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .optional();

export const identityList = route({
  path: '/identities',
  id: 'listIdentities',
  summary: `Registered identities in order of registration, ${identitiesPerPage} a page`,
  needs: 'registry:read',
  params: none,
  query: z.strictObject({
    kind: repeated(z.enum(identityKinds)),
    state: repeated(z.enum(identityStates)),
    trust: repeated(z.enum(trustLevels)),
    environment: repeated(z.enum(zoneEnvironments)),
    team: reference,
    zone: reference,
    owner: reference,
    sponsor: reference,
    tag: repeated(z.string().min(1).max(50)),
    search: z.string().max(200).optional().describe('Words in names, tags or the purpose'),
    credential_ends_before: time,
    seen_before: time,
    seen_after: time,
    after: z.string().max(600).optional().describe('`next` of the page before'),
  }),
  answer: z.object({
    identities: z.array(RegisteredIdentity),
    next: z.string().nullable().describe('For `after`; null on the last page'),
    total: z.number().int().describe('How many match'),
  }),
  async handle({ scope, db, now }, { after, search, ...asked }) {
    const { credential_ends_before, seen_before, seen_after, ...filter } = asked;
    const page = await listIdentities(
      scope,
      {
        filter: {
          ...filter,
          search: search ?? '',
          endsBefore: credential_ends_before ?? null,
          seenBefore: seen_before ?? null,
          seenAfter: seen_after ?? null,
        },
        sort: { by: 'registered', isDescending: false },
        cursor: after === undefined ? null : { direction: 'after', place: after },
        ...{ now, limit: identitiesPerPage },
      },
      db,
    );
    return {
      identities: page.rows.map(registeredOf),
      next: page.after,
      total: page.total,
    };
  },
});

export const identityById = route({
  path: '/identities/{id}',
  id: 'getIdentity',
  summary: 'One registered identity',
  needs: 'registry:read',
  params: z.strictObject({ id: z.guid() }),
  query: none,
  answer: DetailedIdentity,
  handle: async ({ scope, db, now }, { id }) =>
    detailedOf(await getIdentity(scope, { id, now }, db)),
});
