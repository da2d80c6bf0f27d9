import { z } from 'zod';
import { revokeCredential } from '@/lib/identities/credentials/mutations';
import { suspendIdentity } from '@/lib/identities/lifecycle/mutations';
import { proposeIdentity } from '@/lib/identities/registration/mutations';
import {
  ActsFor,
  DeclaredNames,
  Expects,
  IdentityName,
  identityKinds,
  Purpose,
  ReportsFor,
  Tags,
} from '@/lib/identities/schema';
import { describeIdentity } from '@/lib/identities/versions/mutations';
import { listVersions, versionsPerPage } from '@/lib/identities/versions/queries';
import { IdentityAttributes } from '@/lib/identities/versions/schema';
import { Reason } from '@/lib/people/reason';
import { command, none, route } from './route';

const byId = z.strictObject({ id: z.guid() });
const reference = z.guid().nullable().default(null);

export const identityProposal = command({
  method: 'POST',
  path: '/identities',
  id: 'proposeIdentity',
  summary: 'Proposes an identity; nothing is issued to it until a person accepts it',
  needs: 'registry:write',
  status: 201,
  params: none,
  body: z.strictObject({
    kind: z.enum(identityKinds),
    name: IdentityName,
    names: DeclaredNames.default([]),
    owner: reference.describe('Id of the person who is to answer for it'),
    sponsor: reference.describe('Id of the person who wants it to be there'),
    team: reference,
    zone: reference,
    purpose: Purpose.default(''),
    tags: Tags.default([]),
    actsFor: ActsFor.default({ people: [], teams: [] }),
    expects: Expects.default([]),
    reportsFor: ReportsFor.default([]),
  }),
  answer: z.object({ id: z.guid(), name: z.string(), kind: z.enum(identityKinds) }),
  handle: ({ acting }, _asked, { owner, sponsor, team, zone, ...rest }) =>
    proposeIdentity(acting, {
      ...rest,
      ...{ ownerId: owner, sponsorId: sponsor, teamId: team, zoneId: zone },
    }),
});

export const identityDescription = command({
  method: 'PATCH',
  path: '/identities/{id}',
  id: 'describeIdentity',
  summary: 'Says what an identity is for, and tags it; never who answers for it, nor its state',
  needs: 'registry:write',
  params: byId,
  body: z.strictObject({
    revision: z.number().int().positive().describe('What was looked at: another one is refused'),
    purpose: Purpose.optional(),
    tags: Tags.optional(),
    reason: Reason,
  }),
  answer: z.object({ revision: z.number().int() }),
  handle: ({ acting }, { id }, { revision, ...rest }) =>
    describeIdentity(acting, { ...rest, identityId: id, seenRevision: revision }),
});

export const identitySuspension = command({
  method: 'POST',
  path: '/identities/{id}/suspend',
  id: 'suspendIdentity',
  summary: 'Stops an identity at its next request; only a person starts it again',
  needs: 'registry:write',
  params: byId,
  body: z.strictObject({ reason: Reason }),
  answer: z.object({ state: z.literal('suspended') }),
  async handle({ acting }, { id }, { reason }) {
    await suspendIdentity(acting, { identityId: id, reason });
    return { state: 'suspended' } as const;
  },
});

export const credentialRevocation = command({
  method: 'POST',
  path: '/credentials/{id}/revoke',
  id: 'revokeCredential',
  summary: 'Ends a credential for good, at its next use',
  needs: 'registry:write',
  params: byId,
  body: z.strictObject({ reason: Reason }),
  answer: z.object({ state: z.literal('revoked') }),
  async handle({ acting }, { id }, { reason }) {
    await revokeCredential(acting, { credentialId: id, reason });
    return { state: 'revoked' } as const;
  },
});

export const identityVersions = route({
  path: '/identities/{id}/versions',
  id: 'listIdentityVersions',
  summary: `What was known of an identity, the newest first, ${versionsPerPage} a page`,
  needs: 'registry:read',
  params: byId,
  query: z.strictObject({
    before: z.coerce.number().int().positive().optional().describe('`next` of the page before'),
  }),
  answer: z.object({
    versions: z.array(
      z.object({
        revision: z.number().int(),
        at: z.iso.datetime(),
        by: z.string().describe('`person:ID`, `operator:NAME`, `api_key:ID` or `rule`'),
        reason: z.string().nullable(),
        changed: z.array(z.string()),
        attributes: IdentityAttributes,
      }),
    ),
    next: z.number().int().nullable().describe('For `before`; null on the last page'),
  }),
  async handle({ scope, db }, { id, before }) {
    const { versions, next } = await listVersions(scope, { id, before: before ?? null }, db);
    return { versions: versions.map((each) => ({ ...each, at: each.at.toISOString() })), next };
  },
});
