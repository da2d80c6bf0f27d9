import type { ReadScope } from '@/lib/auth/scope';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { emptyFilter, rangeOf } from '@/lib/inventory/address';
import { listInteractions } from '@/lib/inventory/queries';
import { createTestDatabase } from './database';
import { postTraces } from './gateway';
import { scopeOf } from './people';
import { exportRequest, genaiChatSpan } from './spans';
import { link } from './tell';
import { openTwoTeams, type TwoTeams } from './two-teams';

export let world: TwoTeams;
export let records: PrismaClient;
export let all: ReadScope;
export let ofAlfa: ReadScope;
/** What only another team's or nobody's activity is called by. */
export let foreign: string[];
export let theirs: Known;
export const aTime = { kept: new Date(), range: rangeOf('1h', new Date()) };

type Known = {
  entry: string;
  /** Of the agent whose team the limited person is in; it tells of the same call as `entry`. */
  ours: string;
  session: string;
  fingerprint: string;
  refused: string;
};

export async function openReads(): Promise<{ close(): Promise<void> }> {
  world = await openTwoTeams(await createTestDatabase());
  records = createPrisma(world.database.consoleUrl, { applicationName: 'tests', max: 2 });
  const { alfa, bravo, loose, collector, owner, db } = world;
  all = scopeOf({ id: '00000000-0000-7000-8000-0000000000ad' });
  ofAlfa = scopeOf({
    id: '00000000-0000-7000-8000-0000000000ae',
    teams: [alfa.team],
    reach: 'teams',
    contentRead: 'teams',
    contentExport: 'teams',
  });
  await world.say(alfa, 'alfa-agent', 'ours');
  await world.say(bravo, 'bravo-agent', 'theirs');
  await world.say(bravo, 'bravo-agent', 'theirs again');
  await world.say(loose, 'loose-agent', 'of no team');
  await world.say(collector, 'ghost-agent', 'of nobody');
  const bad = { ...genaiChatSpan({ at: 900 }), traceId: '00' };
  await postTraces(world.gateway.url, bravo.key, JSON.stringify(exportRequest([bad])));
  await world.project();
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000);
  for (const { id } of [alfa, bravo])
    await owner.query(
      `INSERT INTO measured_hour (at, shard, identity, metric, figure, amount_nano, begun_at, ended_at, implausible, unfollowed)
       VALUES ($1, 1, $2, 'claude_code.token.usage', 'input_tokens', 1, $1, $1, 0, 0)`,
      [hour, id],
    );
  const { rows } = await owner.query<{
    id: string;
    name: string | null;
    at: Date;
    shard: number;
    position: bigint;
    session: string;
    fingerprint: string | null;
  }>(
    `SELECT i.session, d.name, i.received_at AS at, i.shard, i.position, encode(i.fingerprint, 'hex') AS fingerprint
     FROM interaction i LEFT JOIN identity d ON d.id = i.identity ORDER BY i.position`,
  );
  const page = await listInteractions(
    all,
    { filter: emptyFilter(), range: aTime.range, cursor: null },
    db,
  );
  const idOf = (name: string | null) =>
    page.rows.findLast(({ identityName }) => identityName === name)?.id ?? '';
  const rowOf = (name: string | null) => rows.find((row) => row.name === name) ?? rows[0];
  const [mine, other] = [rowOf('alfa-agent'), rowOf('bravo-agent')];
  if (mine === undefined || other === undefined) throw new Error('nothing was kept');
  const placed = (row: typeof mine) => ({
    receivedAt: row.at,
    shard: row.shard,
    position: Number(row.position),
  });
  await link(owner, placed(mine), placed(other), 'counterpart', 'other');
  const refused = await owner.query<{ id: string }>('SELECT id FROM quarantine');
  theirs = {
    entry: idOf('bravo-agent'),
    ours: idOf('alfa-agent'),
    session: other.session,
    fingerprint: rows.find((row) => row.fingerprint !== null)?.fingerprint ?? '',
    refused: refused.rows[0]?.id ?? '',
  };
  foreign = [
    bravo.id,
    loose.id,
    'bravo',
    'loose',
    'ghost',
    'theirs',
    'of nobody',
    ...page.rows.filter(({ id }) => id !== theirs.ours).map(({ id }) => id),
    ...rows.filter(({ name }) => name !== 'alfa-agent').map(({ session }) => session),
    theirs.fingerprint,
    theirs.refused,
  ];
  if (Object.values(theirs).includes('')) throw new Error('not all of it was kept');
  return {
    async close() {
      await records.$disconnect();
      await world.close();
    },
  };
}
