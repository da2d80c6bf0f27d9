import type { ReadScope } from '@/lib/auth/scope';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { emptyFilter } from '@/lib/inventory/address';
import * as connect from '@/lib/inventory/connect/queries';
import * as counts from '@/lib/inventory/counts/queries';
import * as coverage from '@/lib/inventory/coverage/queries';
import * as shadow from '@/lib/inventory/coverage/shadow/queries';
import { parseEntryId } from '@/lib/inventory/entry-id';
import * as exporting from '@/lib/inventory/export/queries';
import * as health from '@/lib/inventory/health/queries';
import * as links from '@/lib/inventory/links/queries';
import * as measured from '@/lib/inventory/measured/queries';
import * as content from '@/lib/inventory/mutations';
import { readPeriod } from '@/lib/inventory/overview/period';
import * as overview from '@/lib/inventory/overview/queries';
import * as prices from '@/lib/inventory/prices/queries';
import * as quarantine from '@/lib/inventory/quarantine/queries';
import * as inventory from '@/lib/inventory/queries';
import * as search from '@/lib/inventory/search/mutations';
import * as reader from '@/lib/inventory/sessions/mutations';
import * as sessions from '@/lib/inventory/sessions/queries';
import * as open from '@/lib/inventory/tail/open';
import * as tail from '@/lib/inventory/tail/queries';
import * as touched from '@/lib/inventory/touched/queries';
import { scopeOf } from './people';
import { all, aTime, ofAlfa, records, theirs, world } from './scoped-world';

const view = () => ({ filter: emptyFilter(), range: aTime.range, cursor: null });
const opening = () => ({
  now: aTime.kept,
  db: world.db,
  kek: keyEncryptionKeyOf(Buffer.from(world.database.kek, 'base64')),
});
const reading = () => ({ db: world.db, kek: opening().kek });
const placeOf = (id: string) => {
  const place = parseEntryId(id);
  if (place === null) throw new Error(`${id} is not the id of an entry`);
  return place;
};
const periodOf = (scope: ReadScope) =>
  overview.getPeriod(scope, readPeriod({}, new Date()), new Date(), world.db);
const exported = (scope: ReadScope, at = '') =>
  exporting.resolveExported(scope, at, new Date(), reading());
async function listOf<One>(many: AsyncIterable<One[]>): Promise<One[]> {
  const list: One[] = [];
  for await (const some of many) list.push(...some);
  return list;
}
const sessionsView = () => ({
  filter: { identity: null, actor: null, hasErrors: false },
  range: aTime.range,
  cursor: null,
});
/** The session of an agent, as it was seen by whoever sees all. */
const foundSession = async () => {
  const session = await sessions.findSession(all, theirs.session, world.db);
  if (session === null || session === 'waiting') throw new Error('it was not gathered');
  return session;
};
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

type Read = (scope: ReadScope) => Promise<unknown>;
/**
 * `tells`: to whoever sees all, of others than the one team. `counts`: what it comes to for whoever sees all, and for
 * whoever sees one team. `same`: it tells of nobody's activity.
 */
export type Case = { read: Read } & (
  | { is: 'tells' }
  | { is: 'counts'; all: unknown; ours: unknown }
  | { is: 'same' }
);
const tells = (read: Read): Case => ({ is: 'tells', read });
const counted = (read: Read, forAll: unknown, ours: unknown): Case => ({
  is: 'counts',
  read,
  all: forAll,
  ours,
});
const same = (read: Read): Case => ({ is: 'same', read });

/** Every read of lib/inventory that takes a scope and asks a database, by its file and name. */
export const cases: Record<string, Case> = {
  'connect/queries readPlace': same((scope) => connect.readPlace(scope, aTime.kept, world.db)),
  'connect/queries getArrived': tells((scope) =>
    connect.getArrived(
      scope,
      {
        identity: world.bravo.id,
        place: { madeAt: aTime.kept, heads: new Map() },
        now: aTime.kept,
      },
      { db: world.db },
    ),
  ),
  'counts/queries listFacets': tells((scope) => counts.listFacets(scope, view(), world.db)),
  'counts/queries listPulse': counted(
    async (scope) =>
      sum(
        (await counts.listPulse(scope, view(), new Date(), world.db))?.bars.map(
          ({ interactions }) => interactions,
        ) ?? [],
      ),
    5,
    1,
  ),
  'coverage/queries listCoverage': tells((scope) =>
    coverage.listCoverage(scope, { now: new Date() }, world.db),
  ),
  'coverage/queries findCoverage': tells((scope) =>
    coverage.findCoverage(scope, { now: new Date(), id: world.bravo.id }, world.db),
  ),
  'coverage/queries listActors': tells((scope) =>
    coverage.listActors(scope, [world.alfa.id, world.bravo.id], world.db),
  ),
  'coverage/queries listJoined': counted(
    async (scope) => {
      await world.owner.query(
        `INSERT INTO identity_fingerprint (fingerprint, identity_id, since) VALUES (decode($1, 'hex'), $2, now())
         ON CONFLICT DO NOTHING`,
        [theirs.fingerprint, world.alfa.id],
      );
      const joined = await coverage.listJoined(scope, world.alfa.id, world.db);
      await world.owner.query('DELETE FROM identity_fingerprint');
      return joined.length;
    },
    1,
    0,
  ),
  'coverage/shadow/queries listShadow': tells((scope) =>
    shadow.listShadow(scope, 'open', world.db),
  ),
  'coverage/shadow/queries findShadow': tells((scope) =>
    shadow.findShadow(scope, { fingerprint: theirs.fingerprint, reporter: null }, world.db),
  ),
  'coverage/shadow/queries listShadowReporters': counted(
    async (scope) => (await shadow.listShadowReporters(scope, theirs.fingerprint, world.db)).length,
    1,
    0,
  ),
  'coverage/shadow/queries listShadowEntries': tells((scope) =>
    shadow.listShadowEntries(
      scope,
      { fingerprint: theirs.fingerprint, reporter: world.collector.id },
      world.db,
    ),
  ),
  'coverage/shadow/queries countOpenShadow': counted(
    (scope) => shadow.countOpenShadow(scope, world.db),
    1,
    0,
  ),
  'export/queries resolveExported': tells((scope) => exported(scope, 'identity=bravo-agent')),
  'export/queries previewExport': counted(
    async (scope) => (await exporting.previewExport(scope, '', new Date(), reading())).total,
    5,
    1,
  ),
  'export/queries listExported': tells(async (scope) =>
    listOf(exporting.listExported(scope, await exported(scope), world.db)),
  ),
  'export/queries countExported': counted(
    async (scope) => exporting.countExported(scope, await exported(scope), world.db),
    5,
    1,
  ),
  'export/queries readContents': tells(async (scope) => {
    // Even of rows that only somebody else was given.
    const rows = await listOf(exporting.listExported(all, await exported(all), world.db));
    const marked = rows.map((row) => ({
      ...row,
      facts: { ...row.facts, content_leaves: row.facts.identity === world.alfa.id },
    }));
    const read = await listOf(exporting.readContents(scope, marked, opening().kek, world.db));
    return read.map(([, bodies]) => bodies);
  }),
  'export/queries listExports': same((scope) => exporting.listExports(scope, new Date(), records)),
  'health/queries getHealth': counted(
    async (scope) => (await health.getHealth(scope, new Date(), world.db)).quarantined.count,
    1,
    0,
  ),
  'health/queries getIngest': same((scope) => health.getIngest(scope, new Date(), world.db)),
  'health/queries getInstrument': counted(
    async (scope) => (await health.getInstrument(scope, new Date(), world.db)).quarantined.count,
    1,
    0,
  ),
  'links/queries listLinked': tells((scope) =>
    links.listLinked(scope, placeOf(theirs.ours), world.db),
  ),
  'measured/queries listCompared': tells((scope) =>
    measured.listCompared(scope, { now: new Date() }, world.db),
  ),
  'mutations whyWithheld': counted(
    async (scope) => (await content.whyWithheld(scope, world.bravo.id, world.db)) === null,
    true,
    false,
  ),
  'mutations requireSeen': counted(
    async (scope) =>
      (await content.requireSeen(scope, placeOf(theirs.entry), world.db)) === undefined,
    true,
    'not_found',
  ),
  'mutations openContent': tells((scope) =>
    content.openContent(scope, { place: placeOf(theirs.entry), whole: null }, opening()),
  ),
  'mutations openQuarantined': counted(
    async (scope) =>
      (await content.openQuarantined(scope, theirs.refused, opening()))?.length !== undefined,
    true,
    'forbidden',
  ),
  'overview/queries getPeriod': same(periodOf),
  'overview/queries listBars': counted(
    async (scope) => {
      const bars = await overview.listBars(scope, await periodOf(scope), 'UTC', world.db);
      return overview.sumOf(bars.map(({ figures }) => figures)).interactions;
    },
    5,
    1,
  ),
  'overview/queries compare': counted(
    async (scope) => {
      const { to, ...period } = await periodOf(scope);
      const whole = { ...period, to, comparedTo: period.end };
      const { now } = await overview.compare(scope, whole, world.db);
      return [now.interactions, now.identities, now.shadow];
    },
    [5, 3, 1],
    [1, 1, 0],
  ),
  'overview/queries listActors': tells(async (scope) =>
    overview.listActors(scope, { period: await periodOf(scope) }, world.db),
  ),
  'overview/queries listNamed': tells(async (scope) =>
    overview.listNamed(scope, await periodOf(scope), 'models', world.db),
  ),
  'prices/queries listPrices': same((scope) => prices.listPrices(scope, world.db)),
  'quarantine/queries listQuarantined': tells((scope) =>
    quarantine.listQuarantined(scope, { reasons: [], cursor: null }, world.db),
  ),
  'quarantine/queries findQuarantined': tells((scope) =>
    quarantine.findQuarantined(scope, theirs.refused, world.db),
  ),
  'quarantine/queries countQuarantined': counted(
    async (scope) => (await quarantine.countQuarantined(scope, world.db)).total.count,
    1,
    0,
  ),
  'queries resolveIdentities': tells(async (scope) => {
    const filter = { ...emptyFilter(), identity: ['alfa-agent', 'bravo-agent'] };
    return (await inventory.resolveIdentities(scope, filter, world.db)).known;
  }),
  'queries listIdentityNames': tells((scope) => inventory.listIdentityNames(scope, world.db)),
  'queries listReporters': tells((scope) => inventory.listReporters(scope, world.db)),
  'queries listInteractions': tells((scope) => inventory.listInteractions(scope, view(), world.db)),
  'queries countNewer': counted(
    (scope) => inventory.countNewer(scope, { ...view(), place: null }, world.db),
    5,
    1,
  ),
  'queries hasInteractions': counted(
    async () => {
      const ofNobody = scopeOf({ reach: 'teams', teams: [] });
      const scopes = [all, ofAlfa, ofNobody];
      return Promise.all(scopes.map((scope) => inventory.hasInteractions(scope, world.db)));
    },
    [true, true, false],
    [true, true, false],
  ),
  'queries getInteraction': tells((scope) =>
    inventory.getInteraction(scope, placeOf(theirs.entry), world.db),
  ),
  'touched/queries listTouched': tells((scope) =>
    touched.listTouched(
      scope,
      { identity: world.bravo.id, since: new Date(Date.now() - 30 * 86_400_000) },
      world.db,
    ),
  ),
  'search/mutations searchContent': same((scope) =>
    search
      .searchContent(
        scope,
        { filter: { ...emptyFilter(), text: ['theirs'] }, range: aTime.range },
        opening(),
      )
      .then(({ problems }) => problems),
  ),
  'sessions/mutations openReader': tells((scope) =>
    reader.openReader(scope, { session: theirs.session, after: null }, opening()),
  ),
  'sessions/queries listSessions': tells((scope) =>
    sessions.listSessions(scope, sessionsView(), world.db),
  ),
  'sessions/queries findSession': tells((scope) =>
    sessions.findSession(scope, theirs.session, world.db),
  ),
  'sessions/queries hasSessions': counted(
    async () => {
      const ofNobody = scopeOf({ reach: 'teams', teams: [] });
      const scopes = [all, ofAlfa, ofNobody];
      return Promise.all(scopes.map((scope) => sessions.hasSessions(scope, world.db)));
    },
    [true, true, false],
    [true, true, false],
  ),
  'sessions/queries listSessionEntries': tells(async (scope) =>
    sessions.listSessionEntries(scope, await foundSession(), world.db),
  ),
  'sessions/queries listBodyDigests': counted(
    async (scope) => {
      const places = [placeOf(theirs.ours), placeOf(theirs.entry)];
      const digests = await sessions.listBodyDigests(scope, places, world.db);
      return digests.map((each) => each.length > 0);
    },
    [true, true],
    [true, false],
  ),
  'tail/open startLooking': tells(async (scope) => {
    const look = await open.startLooking(scope, view(), world.db);
    await world.say(world.alfa, 'alfa-agent', 'ours');
    await world.say(world.bravo, 'bravo-agent', 'theirs');
    return look();
  }),
  'tail/open readGap': tells((scope) => open.readGap(scope, { ...view(), place: null }, world.db)),
  'tail/queries readHeads': same((scope) => tail.readHeads(scope, emptyFilter(), world.db)),
  'tail/queries listBetween': tells(async (scope) =>
    tail.listBetween(
      scope,
      view(),
      [new Map(), await tail.readHeads(scope, emptyFilter(), world.db)],
      world.db,
    ),
  ),
};
