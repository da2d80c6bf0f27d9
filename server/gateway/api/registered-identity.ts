import { z } from 'zod';
import { proofClasses } from '@/lib/identities/credentials/schema';
import type { IdentityDetail, IdentityRow } from '@/lib/identities/registry/schema';
import { identityKinds, identityStates } from '@/lib/identities/schema';
import { trustLevels } from '@/lib/identities/trust/schema';
import { zoneEnvironments } from '@/lib/zones/schema';

const Named = z.object({ id: z.guid(), name: z.string() });
const time = z.iso.datetime();

/** What the registry says of an identity; never what it proves itself with. */
export const RegisteredIdentity = z.object({
  id: z.guid(),
  kind: z.enum(identityKinds),
  name: z.string(),
  names: z.array(z.string()).describe('What data may declare for it besides'),
  state: z.enum(identityStates),
  stateReason: z.string().nullable(),
  team: Named.nullable(),
  zone: Named.extend({ environment: z.enum(zoneEnvironments) }).nullable(),
  owner: z.guid().nullable().describe('Id of the person who answers for it'),
  sponsor: z.guid().nullable().describe('Id of the person who wants it to be there'),
  purpose: z.string(),
  tags: z.array(z.string()),
  trust: z.enum(trustLevels),
  reportsForAll: z.boolean(),
  revision: z.number().int().describe('Counts the versions of what is known of it'),
  createdAt: time,
  lastSeenAt: time.nullable(),
  credentials: z.object({
    live: z.number().int(),
    classes: z.array(z.enum(proofClasses)),
    endsAt: time.nullable().describe('When the first ends that has no successor'),
  }),
});

const textOf = (at: Date | null): string | null => at?.toISOString() ?? null;

export const registeredOf = (row: IdentityRow): z.input<typeof RegisteredIdentity> => ({
  ...row,
  owner: row.owner?.id ?? null,
  sponsor: row.sponsor?.id ?? null,
  createdAt: row.createdAt.toISOString(),
  lastSeenAt: textOf(row.lastSeenAt),
  credentials: { ...row.credentials, endsAt: textOf(row.credentials.endsAt) },
});

/** All of it, as one by itself is shown. */
export const DetailedIdentity = RegisteredIdentity.extend({
  actsFor: z
    .union([z.literal('all'), z.object({ people: z.array(z.guid()), teams: z.array(z.guid()) })])
    .describe('Ids of people and teams'),
  expects: z.array(z.guid()).describe('Ids of the resources that it is expected to act on'),
  reportsFor: z.union([z.literal('all'), z.array(Named)]),
  reportedBy: z.array(Named),
});

const idsOf = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);

export const detailedOf = (detail: IdentityDetail): z.input<typeof DetailedIdentity> => ({
  ...registeredOf(detail),
  ...{ expects: detail.expects, reportsFor: detail.reportsFor, reportedBy: detail.reportedBy },
  actsFor:
    detail.actsFor === 'all'
      ? 'all'
      : { people: idsOf(detail.actsFor.people), teams: idsOf(detail.actsFor.teams) },
});
