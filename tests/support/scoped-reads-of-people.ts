import type { ReadScope } from '@/lib/auth/scope';
import { drillStop } from '@/lib/identities/drill/queries';
import * as enrolment from '@/lib/identities/enrolment/queries';
import * as posture from '@/lib/identities/posture/queries';
import { listReportable } from '@/lib/identities/registration/queries';
import { parseIdentitiesView } from '@/lib/identities/registry/address';
import { resolveAsked } from '@/lib/identities/registry/asked/queries';
import * as registry from '@/lib/identities/registry/queries';
import { getTrust } from '@/lib/identities/trust/queries';
import * as versions from '@/lib/identities/versions/queries';
import * as unowned from '@/lib/inventory/coverage/unowned/queries';
import { formatEntryId } from '@/lib/inventory/entry-id';
import { recordControl } from '@/lib/log/record-control';
import * as audit from '@/lib/people/audit/queries';
import * as behind from '@/lib/people/behind/queries';
import * as members from '@/lib/people/members/queries';
import { listZones } from '@/lib/zones/queries';
import type { Case } from './scoped-reads';
import { records, world } from './scoped-world';

/** Whom bravo's agent acts for, and whom its owner is: told to whoever sees that agent. */
const person = '00000000-0000-7000-8000-0000000000bb';
const zone = '00000000-0000-7000-8000-0000000000cc';

const tells = (read: Case['read']): Case => ({ is: 'tells', read });
const counted = (read: Case['read'], forAll: unknown, ours: unknown): Case => ({
  is: 'counts',
  read,
  all: forAll,
  ours,
});

async function seedOwned(): Promise<void> {
  await world.owner.query(
    `INSERT INTO person (id, email, name, roles, created_at)
     VALUES ($1, 'owner@example.org', 'Owner', '{admin}', now()) ON CONFLICT DO NOTHING`,
    [person],
  );
  await world.owner.query('UPDATE identity SET owner_id = $1 WHERE id = $2', [
    person,
    world.bravo.id,
  ]);
}

/** Bravo's own, which a service beside it said. */
async function seedPosture(): Promise<void> {
  await world.owner.query(
    `INSERT INTO fact (subject, name, value, measured_at, until, source)
     VALUES ('identity:' || $1, 'posture.patched', 'true', now(), now() + interval '1 hour', 'identity:' || $1)
     ON CONFLICT DO NOTHING`,
    [world.bravo.id],
  );
  await world.owner.query(
    `INSERT INTO attester (identity_id, facts, reach, changed_at) VALUES ($1, '{patched}', 'all', now())
     ON CONFLICT DO NOTHING`,
    [world.bravo.id],
  );
}

const disown = () => world.owner.query('UPDATE identity SET owner_id = NULL');

async function seedBehind(): Promise<void> {
  await world.owner.query(
    `INSERT INTO person_behind (person, identity, reporter, shard, evidence, interactions, points, first_at, last_at, last_received_at)
     VALUES ($1, $2, $2, 0, 'declared', 1, 0, now(), now(), now()) ON CONFLICT DO NOTHING`,
    [person, world.bravo.id],
  );
}

/** The newest entry, which is of bravo. */
async function seedEntry() {
  await recordControl(records, 'identity_assigned', {
    by: 'operator:root',
    identity: world.bravo.id,
  });
  const { rows } = await world.owner.query<{ received_at: Date; shard: number; position: bigint }>(
    'SELECT received_at, shard, position FROM control_event ORDER BY position DESC LIMIT 1',
  );
  const [row] = rows;
  if (row === undefined) throw new Error('it was not kept');
  return formatEntryId({ receivedAt: row.received_at, shard: row.shard, position: row.position });
}

/** One of bravo's team, and one of no team, that ask to be registered. */
const asking = ['00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000c2'];
async function seedEnrolments(): Promise<void> {
  await world.owner.query(
    `INSERT INTO setting (id, organisation, time_zone, content, retention_body_days, retention_facts_days, created_at, enrolment)
     VALUES (1, 'Blue Sparrow', 'UTC', 'redact', 30, 365, now(), true) ON CONFLICT (id) DO UPDATE SET enrolment = true`,
  );
  for (const [index, team] of [world.bravo.team, null].entries())
    await world.owner.query(
      `INSERT INTO enrolment (id, kind, name, names, skeletons, jwk, thumbprint, jti, address, source, team_id, asked_at, expires_at)
       VALUES ($1, 'agent', $2, '{}', '{x}', '{"kty":"EC"}', $3, 'jti', '192.0.2.1', $2, $4, now(), now() + interval '1 day')
       ON CONFLICT DO NOTHING`,
      [asking[index], `loose-${index}`, `${index}`.repeat(43), team],
    );
}
const asked =
  (read: Case['read']): Case['read'] =>
  async (scope) => {
    if (Number((await world.owner.query('SELECT count(*) FROM enrolment')).rows[0]?.count) === 0)
      await seedEnrolments();
    return read(scope);
  };

const everything = {
  filter: { who: null, what: null, subject: null },
  range: { preset: 'all', from: null, to: null },
} as const;
const anyAgent = { show: 'all', identity: null, who: null } as const;
const audited = (read: (scope: ReadScope, entry: string) => Promise<unknown>): Case =>
  tells(async (scope) => read(scope, await seedEntry()));
const behindOf =
  (read: Case['read']): Case['read'] =>
  async (scope) => {
    await seedBehind();
    return read(scope);
  };

/** Those of what people answer for, of lib/people and of lib/identities that tell of somebody's activity. */
export const peopleCases: Record<string, Case> = {
  'coverage/unowned/queries listUnowned': tells((scope) => unowned.listUnowned(scope, world.db)),
  'coverage/unowned/queries countUnowned': counted(
    async (scope) => {
      await disown();
      return unowned.countUnowned(scope, world.db);
    },
    4,
    1,
  ),
  'coverage/unowned/queries findAssignment': tells((scope) =>
    unowned.findAssignment(scope, world.bravo.id, world.db),
  ),
  'identities/registry/queries listIdentities': tells((scope) =>
    registry.listIdentities(
      scope,
      {
        filter: {},
        sort: { by: 'name', isDescending: false },
        cursor: null,
        now: new Date(),
      },
      world.db,
    ),
  ),
  'identities/registry/queries countIdentities': counted(
    async (scope) => (await registry.countIdentities(scope, world.db)).kind.agent,
    3,
    1,
  ),
  'identities/registry/asked/queries resolveAsked': counted(
    async (scope) => {
      await seedOwned();
      const { filter } = parseIdentitiesView({ owner: 'owner@example.org' });
      return (await resolveAsked(scope, filter, new Date(), world.db)).problems.length;
    },
    0,
    1,
  ),
  'identities/enrolment/queries listOpenEnrolments': tells(
    asked((scope) => enrolment.listOpenEnrolments(scope, new Date(), world.db)),
  ),
  'identities/enrolment/queries countOpenEnrolments': counted(
    asked((scope) => enrolment.countOpenEnrolments(scope, new Date(), world.db)),
    2,
    0,
  ),
  'identities/enrolment/queries findEnrolment': tells(
    asked((scope) => enrolment.findEnrolment(scope, asking[0] ?? '', new Date(), world.db)),
  ),
  'identities/enrolment/queries listNamesInUse': tells((scope) =>
    enrolment.listNamesInUse(scope, world.db),
  ),
  'identities/registry/queries getIdentity': tells((scope) =>
    registry.getIdentity(scope, { id: world.bravo.id, now: new Date() }, world.db),
  ),
  'identities/drill/queries drillStop': tells((scope) =>
    drillStop(scope, { ids: [world.bravo.id], now: new Date() }, world.db),
  ),
  'identities/trust/queries getTrust': counted(
    async (scope) =>
      (await getTrust(scope, { id: world.bravo.id, now: new Date() }, world.db)).next,
    'probation',
    'not_found',
  ),
  'identities/registration/queries listReportable': tells((scope) =>
    listReportable(scope, world.db),
  ),
  'identities/registry/more readMore': tells((scope) =>
    registry.getIdentity(scope, { id: world.bravo.id, now: new Date() }, world.db),
  ),
  'identities/registry/queries requireReached': counted(
    async (scope) => {
      await registry.requireReached(scope, world.alfa.id, world.db);
      return registry.requireReached(scope, world.bravo.id, world.db);
    },
    undefined,
    'not_found',
  ),
  'identities/versions/queries listVersions': tells(async (scope) => {
    await world.owner.query(
      `INSERT INTO identity_version (identity_id, revision, at, by, attributes)
       SELECT id, 1, now(), 'operator:root', jsonb_build_object('kind', kind, 'name', name, 'names', '[]'::jsonb, 'state',
         state, 'owner', NULL, 'sponsor', NULL, 'team', team_id, 'zone', NULL, 'purpose', '', 'trust', trust, 'tags',
         '[]'::jsonb, 'actsFor', 'all', 'expects', '[]'::jsonb, 'reportsFor', '[]'::jsonb)
       FROM identity WHERE id = $1 ON CONFLICT DO NOTHING`,
      [world.bravo.id],
    );
    return versions.listVersions(scope, { id: world.bravo.id }, world.db);
  }),
  'identities/posture/queries listAttesters': tells(async (scope) => {
    await seedPosture();
    return posture.listAttesters(scope, world.db);
  }),
  'identities/posture/queries listPossibleAttesters': tells(async (scope) => {
    await world.owner.query(`UPDATE identity SET kind = 'service' WHERE id = $1`, [world.bravo.id]);
    await world.owner.query('DELETE FROM attester');
    const found = await posture.listPossibleAttesters(scope, world.db);
    await world.owner.query(`UPDATE identity SET kind = 'agent' WHERE id = $1`, [world.bravo.id]);
    return found;
  }),
  'identities/posture/queries getPosture': tells(async (scope) => {
    await seedPosture();
    return posture.getPosture(scope, world.bravo.id, new Date(), world.db);
  }),
  'identities/posture/queries listPostureLines': tells(async (scope) => {
    await seedPosture();
    return posture.listPostureLines(scope, world.bravo.id, new Date(), world.db);
  }),
  'people/members/queries listOwned': tells(async (scope) => {
    await seedOwned();
    return members.listOwned(scope, person, world.db);
  }),
  'people/behind/queries listPeopleBehind': tells(
    behindOf((scope) =>
      behind.listPeopleBehind(scope, { filter: anyAgent, sort: 'last', cursor: null }, world.db),
    ),
  ),
  'people/behind/queries findPersonBehind': tells(
    behindOf((scope) => behind.findPersonBehind(scope, person, world.db)),
  ),
  'people/behind/queries countOpenBehind': counted(
    behindOf(async (scope) => (await behind.countOpenBehind(scope, world.db))?.count),
    1,
    0,
  ),
  'people/behind/queries hasPeopleBehind': counted(
    behindOf((scope) => behind.hasPeopleBehind(scope, world.db)),
    true,
    false,
  ),
  'people/audit/queries listAudit': audited((scope) =>
    audit.listAudit(scope, { ...everything, cursor: null }, world.db),
  ),
  'people/audit/queries findAuditEntry': audited((scope, entry) =>
    audit.findAuditEntry(scope, entry, world.db),
  ),
  'people/audit/queries listAuditNames': audited((scope) =>
    audit.listAuditNames(scope, [world.bravo.id], world.db),
  ),
  'people/audit/queries listExportedEntries': audited((scope) =>
    audit.listExportedEntries(
      scope,
      { ...everything, until: new Date(Date.now() + 1000) },
      null,
      world.db,
    ),
  ),
  'zones/queries listZones': counted(
    async (scope) => {
      await world.owner.query(
        `INSERT INTO zone (id, name, kind, environment, created_at, changed_at)
         VALUES ($1, 'Production', 'workload', 'production', now(), now()) ON CONFLICT DO NOTHING`,
        [zone],
      );
      await world.owner.query('UPDATE identity SET zone_id = $1 WHERE id = ANY ($2)', [
        zone,
        [world.alfa.id, world.bravo.id],
      ]);
      return (await listZones(scope, world.db)).map(({ identities }) => identities);
    },
    [2],
    [1],
  ),
  'people/audit/queries listAuditPeople': counted(
    async (scope) => Array.isArray(await audit.listAuditPeople(scope, world.db)),
    true,
    'forbidden',
  ),
};

const ofAccounts =
  'accounts and their rights, which people.read opens: of everybody, or rights could not be given';
const ofOrganisation = 'what holds for the whole organisation, shown to whoever signs in';
const ofOneself = "one's own alone, whatever one sees";
const ofDeliveries =
  'what was sent to whom, and where to: deliveries.write opens it, for the whole organisation';

/** Those that tell of no agent's activity, and why they need not be narrowed to teams. */
export const unnarrowed: Readonly<Record<string, string>> = {
  'people/members/queries listMembers': ofAccounts,
  'people/members/queries findMember': ofAccounts,
  'people/members/queries listOpenSignIns': ofAccounts,
  'people/members/queries listAssignable': ofAccounts,
  'people/invitations/queries listOpenInvitations': ofAccounts,
  'people/proposals/queries listOpenProposals': ofAccounts,
  'people/teams/queries listTeams': ofAccounts,
  'people/teams/queries listTeamNames': 'names of teams, to choose one by',
  'people/proposals/queries hasFourEyes': ofOrganisation,
  'people/break-glass/queries listBreakGlassInUse': ofOrganisation,
  'people/networks/queries listNetworks': ofOrganisation,
  'identities/enrolment/opening/queries getOpening': ofOrganisation,
  'identities/posture/queries listPostureTypes': ofOrganisation,
  'identities/external/queries listAuthorities': ofOrganisation,
  'people/organisation/queries getSettings': ofOrganisation,
  'identities/trust/queries previewTrustRules':
    'counts of the whole organisation, whose rules they are, for whoever sets them; of nobody by name',
  'people/organisation/queries previewRemoval':
    'days and bytes of the whole log, and nobody by name',
  'identities/expected/queries listExpectable':
    'names of resources, which belong to whoever sees the console',
  'resources/definitions/queries listDefinitions': 'what tools say they are, whoever offers them',
  'resources/definitions/open openDefinitions':
    'the same, for whoever approves it or reads all content',
  'resources/definitions/queries countUndecided':
    'how many tools wait for a person, whoever offers them',
  'resources/definitions/queries getUnread': 'counts of what could not be read, of nobody by name',
  'resources/registry/queries listCatalogued':
    'what the registry says of resources, not who uses them',
  'resources/registry/queries getCatalogued': 'the same of one',
  'resources/registry/queries listCataloguedDefinitions': 'digests of what tools say they are',
  'resources/queries listTypes':
    'types and how many resources there are of each, whoever uses them',
  'resources/queries listVersions': 'what people said of a resource, whoever uses it',
  'people/api-keys/queries listApiKeys':
    'keys that api_keys.write opens; what each reads of is all teams',
  'delivery/queries countUnread': ofOneself,
  'delivery/queries listNotices': ofOneself,
  'delivery/queries findOwnWebhook': ofOneself,
  'delivery/queries listTeamWebhooks': ofDeliveries,
  'delivery/queries listDeliveries': ofDeliveries,
  'delivery/queries countDeliveries': ofDeliveries,
};
