import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintScope, type ReadScope } from '@/lib/auth/scope';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { emptyFilter, rangeOf } from '@/lib/inventory/address';
import { listFacets } from '@/lib/inventory/counts/queries';
import { parseEntryId } from '@/lib/inventory/entry-id';
import {
  type ExportCtx,
  requestExport,
  stopExport,
  takeExport,
} from '@/lib/inventory/export/mutations';
import { runExport } from '@/lib/inventory/export/run';
import { openContent, openQuarantined } from '@/lib/inventory/mutations';
import { countNewer, listInteractions } from '@/lib/inventory/queries';
import type { InteractionRow } from '@/lib/inventory/schema';
import { searchContent } from '@/lib/inventory/search/mutations';
import { openReader } from '@/lib/inventory/sessions/mutations';
import { listBodyDigests, listSessions } from '@/lib/inventory/sessions/queries';
import { viewKey } from '@/lib/inventory/tail/open';
import { type Heads, listBetween, readHeads } from '@/lib/inventory/tail/queries';
import type { Person } from '@/lib/people/schema';
import { createTestDatabase } from '../support/database';
import { parseCsv } from '../support/parse-csv';
import { actorOf, personOf } from '../support/people';
import { openTwoTeams, type TwoTeams } from '../support/two-teams';

let world: TwoTeams;
let records: PrismaClient;
/** Sees all and reads all; sees all and reads content of one team; sees all and reads no content. */
let reader: Person;
let ofTeam: Person;
let without: Person;
let rows: InteractionRow[];

const range = rangeOf('1h', new Date());
const kek = () => keyEncryptionKeyOf(Buffer.from(world.database.kek, 'base64'));
const opening = () => ({ now: new Date(), db: world.db, kek: kek() });

beforeAll(async () => {
  world = await openTwoTeams(await createTestDatabase());
  records = createPrisma(world.database.consoleUrl, { applicationName: 'tests', max: 4 });
  await world.say(world.alfa, 'alfa-agent', 'marigold of ours');
  await world.say(world.bravo, 'bravo-agent', 'marigold of theirs');
  await world.say(world.collector, 'ghost-agent', 'marigold of nobody');
  await world.project();
  reader = await addPerson({});
  ofTeam = await addPerson({
    teams: [world.alfa.team],
    contentRead: 'teams',
    contentExport: 'teams',
  });
  without = await addPerson({ contentRead: 'none', contentExport: 'none' });
  const view = { filter: emptyFilter(), range, cursor: null };
  ({ rows } = await listInteractions(mintScope(reader), view, world.db));
  expect(rows).toHaveLength(3);
});
afterAll(async () => {
  await records?.$disconnect();
  await world?.close();
});

async function addPerson(over: Partial<Person>): Promise<Person> {
  const person = personOf({ id: newId(), ...over });
  await world.owner.query(
    `INSERT INTO person (id, email, name, password_hash, roles, created_at) VALUES ($1, $2, 'P', '', '{admin}', now())`,
    [person.id, `${person.id}@example.com`],
  );
  return person;
}

const placeOf = (name: string | null) => {
  const place = parseEntryId(rows.find(({ identityName }) => identityName === name)?.id ?? '');
  if (place === null) throw new Error(`nothing was kept of ${name}`);
  return place;
};
const open = (person: Person, name: string | null) =>
  openContent(mintScope(person), { place: placeOf(name), whole: null }, opening());
const recorded = async (kind: string, person: Person): Promise<number> => {
  const { rows: found } = await world.owner.query(
    'SELECT FROM control_event WHERE kind = $1 AND facts LIKE $2',
    [kind, `%${person.id}%`],
  );
  return found.length;
};

describe('content', () => {
  it('is open to whoever may read it, with attributes that nothing claimed', async () => {
    for (const name of ['alfa-agent', 'bravo-agent', null]) {
      const opened = await open(reader, name);
      expect(opened.state).toBe('open');
      expect(JSON.stringify(opened)).toContain('marigold');
      expect(JSON.stringify(opened)).toContain('unclaimed.note');
    }
  });

  it('is sizes and digests to whoever may not, attributes too, and nothing is on record', async () => {
    const place = placeOf('alfa-agent');
    const [digests] = await listBodyDigests(mintScope(without), [place], world.db);
    expect(digests?.map(({ role }) => role).sort()).toEqual([
      'attributes',
      'input',
      'instructions',
      'output',
    ]);
    const sealed = await open(without, 'alfa-agent');
    expect(sealed).toEqual({
      state: 'withheld',
      message: 'You have no right to read content. An administrator can give it.',
      bodies: digests,
    });
    for (const { bytes, digest } of digests ?? []) {
      expect(bytes).toBeGreaterThan(10);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(await recorded('content_opened', without)).toBe(0);
  });

  it('of one team is open to whoever reads that team’s, and of nobody to nobody but who reads all', async () => {
    expect(JSON.stringify(await open(ofTeam, 'alfa-agent'))).toContain('marigold of ours');
    for (const name of ['bravo-agent', null]) {
      const sealed = await open(ofTeam, name);
      expect(sealed).toMatchObject({ state: 'withheld', bodies: expect.any(Array) });
      expect(JSON.stringify(sealed)).toContain('of your teams only');
      expect(JSON.stringify(sealed)).not.toContain('marigold');
    }
    expect(await recorded('content_opened', ofTeam)).toBe(1);
  });

  it('follows an identity into another team at once', async () => {
    const move = (team: string | null) =>
      world.owner.query('UPDATE identity SET team_id = $1 WHERE id = $2', [team, world.alfa.id]);
    await move(null);
    expect(await open(ofTeam, 'alfa-agent')).toMatchObject({ state: 'withheld' });
    await move(world.alfa.team);
    expect(await open(ofTeam, 'alfa-agent')).toMatchObject({ state: 'open' });
  });

  it('that was refused is opened with the right to all content alone', async () => {
    for (const person of [ofTeam, without])
      await expect(openQuarantined(mintScope(person), newId(), opening())).rejects.toMatchObject({
        code: 'forbidden',
      });
    expect(await openQuarantined(mintScope(reader), newId(), opening())).toBeNull();
  });
});

describe('the reader of a session', () => {
  const read = async (person: Person, name: string) => {
    const filter = { identity: name, actor: null, hasErrors: false };
    const page = await listSessions(mintScope(reader), { filter, range, cursor: null }, world.db);
    const session = page.rows[0]?.id ?? '';
    return openReader(mintScope(person), { session, after: null }, opening());
  };

  it('shows sizes and digests where the right does not reach, and says so', async () => {
    for (const [person, name] of [
      [without, 'alfa-agent'],
      [ofTeam, 'bravo-agent'],
    ] as const) {
      const page = await read(person, name);
      expect(page.withheld).toMatch(/read content/);
      const says = page.turns.flatMap((turn) => turn.says);
      expect(says.length).toBeGreaterThan(2);
      for (const say of says)
        expect(say).toMatchObject({
          as: 'sealed',
          bytes: expect.any(Number),
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
    }
  });

  it('opens what it reaches', async () => {
    const page = await read(ofTeam, 'alfa-agent');
    expect(page.withheld).toBeNull();
    expect(JSON.stringify(page.turns)).toContain('marigold of ours');
  });
});

describe('a search', () => {
  const asked = async (scope: ReadScope, text: string[]) => {
    const filter = { ...emptyFilter(), text };
    return searchContent(scope, { filter, range }, opening());
  };
  const found = async (person: Person, text: string[]) => {
    const scope = mintScope(person);
    const { filter } = await asked(scope, text);
    const view = { filter, range, cursor: null };
    const none: Heads = new Map();
    const [page, facets, newer, tail] = await Promise.all([
      listInteractions(scope, view, world.db),
      listFacets(scope, view, world.db),
      countNewer(scope, { filter, range, place: null }, world.db),
      readHeads(scope, filter, world.db).then((heads) =>
        listBetween(scope, view, [none, heads], world.db),
      ),
    ]);
    const names = page.rows.map(({ identityName }) => identityName ?? 'nobody').sort();
    expect(facets?.total.count).toBe(names.length);
    expect(newer).toBe(names.length);
    expect(tail.rows).toHaveLength(names.length);
    return names;
  };

  it('finds what may be read, whatever else holds or lacks the words', async () => {
    expect(await found(reader, ['marigold'])).toEqual(['alfa-agent', 'bravo-agent', 'nobody']);
    expect(await found(ofTeam, ['marigold'])).toEqual(['alfa-agent']);
    expect(await found(ofTeam, ['theirs'])).toEqual([]);
    expect(await found(reader, ['marigold', '-theirs'])).toEqual(['alfa-agent', 'nobody']);
    expect(await found(ofTeam, ['marigold', '-theirs'])).toEqual(['alfa-agent']);
    expect(await found(ofTeam, ['-theirs'])).not.toContain('nobody');
  });

  it('finds nothing without a right, and says whom to ask', async () => {
    const { filter, problems } = await asked(mintScope(without), ['marigold']);
    expect(problems).toEqual([
      'You have no right to read content, so you cannot search it. An administrator can give it.',
    ]);
    const page = await listInteractions(
      mintScope(without),
      { filter, range, cursor: null },
      world.db,
    );
    expect(page.rows).toEqual([]);
    expect(await recorded('content_searched', without)).toBe(0);
  });

  it('is watched together only by people with the same rights', () => {
    const other = { ...reader, id: newId() };
    const teams = [world.alfa.team, world.bravo.team];
    const [one, two] = [teams, teams.toReversed()].map((each) => ({ ...ofTeam, teams: each }));
    const people = [reader, ofTeam, without, { ...ofTeam, reach: 'teams' as const }];
    const keyOf = (person: Person) => viewKey(mintScope(person), emptyFilter(), range);
    expect(keyOf(other)).toBe(keyOf(reader));
    expect(one && keyOf(one)).toBe(two && keyOf(two));
    expect(new Set(people.map(keyOf)).size).toBe(people.length);
  });
});

describe('an export of content', () => {
  const ctxOf = (person: Person, isFresh = true): ExportCtx => ({
    actor: actorOf(person, { isFresh }),
    scope: mintScope(person),
    now: new Date(),
    db: records,
    pool: world.db,
    kek: kek(),
  });
  const ask = (person: Person, isFresh = true, withContent = true) =>
    requestExport(ctxOf(person, isFresh), { search: '', format: 'csv', withContent });
  const fileOf = async (person: Person) => {
    const { id } = await ask(person);
    const taken = await takeExport(ctxOf(person), id);
    const text = await new Response(
      runExport(taken, {
        scope: mintScope(person),
        isAllowed: async () => true,
        db: records,
        pool: world.db,
        kek,
      }),
    ).text();
    const [head = [], ...lines] = parseCsv(text);
    return lines
      .filter((line) => line.length === head.length)
      .map((line) => Object.fromEntries(head.map((name, at) => [name, line[at] ?? ''])));
  };

  it('asks for a second factor shown within the last minutes, and one of facts does not', async () => {
    await expect(ask(reader, false)).rejects.toMatchObject({
      code: 'factor_needed',
      message: 'Show your second factor again to export content.',
    });
    await expect(ask(without, false)).rejects.toMatchObject({ code: 'forbidden' });
    const { id } = await ask(reader, false, false);
    await stopExport(ctxOf(reader), id);
  });

  it('is of a role that exports, at asking and at fetching', async () => {
    const viewer = { ...reader, roles: ['viewer'] as const };
    await expect(ask(viewer, true, false)).rejects.toMatchObject({ code: 'forbidden' });
    const { id } = await ask(reader, true, false);
    await expect(takeExport(ctxOf(viewer), id)).rejects.toMatchObject({ code: 'forbidden' });
    await stopExport(ctxOf(reader), id);
  });

  it('holds content of the teams it may take it of, sizes and digests of all', async () => {
    const lines = await fileOf(ofTeam);
    expect(lines.map(({ identity_name: name }) => name).sort()).toEqual([
      '',
      'alfa-agent',
      'bravo-agent',
    ]);
    for (const line of lines) {
      expect(line.bodies).toMatch(/input \d+ [0-9a-f]{64}/);
      const isOurs = line.identity_name === 'alfa-agent';
      expect(line.content_input?.includes('marigold of ours')).toBe(isOurs);
      expect(line.content_attributes !== '').toBe(isOurs);
    }
    const { rows: control } = await world.owner.query<{ facts: string }>(
      `SELECT facts FROM control_event WHERE kind = 'export_started' ORDER BY position DESC LIMIT 1`,
    );
    expect(JSON.parse(control[0]?.facts ?? '')).toMatchObject({
      by: `person:${ofTeam.id}`,
      address: '192.0.2.1',
      sign_in: 's',
      with_content: true,
      content_of: [world.alfa.team],
    });
  });

  it('holds all of it for whoever may take all', async () => {
    const lines = await fileOf(reader);
    expect(lines.filter(({ content_input: said }) => said?.includes('marigold'))).toHaveLength(3);
  });
});
