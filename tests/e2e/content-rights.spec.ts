import type { Page } from '@playwright/test';
import { emptyFilter, rangeOf } from '@/lib/inventory/address';
import { listInteractions } from '@/lib/inventory/queries';
import { expect, expectAccessible, test } from '../support/e2e';
import { scopeOf } from '../support/people';
import { type Added, addPerson, signInAs } from '../support/sign-in-as';
import { openTwoTeams, type TwoTeams } from '../support/two-teams';

test.use({ database: 'content_rights' });

let world: TwoTeams;
let entries: Map<string | null, string>;
let sessions: Map<string | null, string>;
const people = new Map<string, Added>();

test.beforeAll(async ({ installation }) => {
  const { kek, urls, db } = installation;
  world = await openTwoTeams({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  await world.say(world.alfa, 'alfa-agent', 'marigold of ours');
  await world.say(world.bravo, 'bravo-agent', 'marigold of theirs');
  await world.say(world.collector, 'ghost-agent', 'marigold of nobody');
  await world.project();
  const view = { filter: emptyFilter(), range: rangeOf('1h', new Date()), cursor: null };
  const { rows } = await listInteractions(scopeOf(), view, world.owner);
  entries = new Map(rows.map(({ identityName, id }) => [identityName, id]));
  const found = await world.owner.query<{ name: string | null; id: string }>(
    'SELECT d.name, s.id FROM session s LEFT JOIN identity d ON d.id = s.identity',
  );
  sessions = new Map(found.rows.map(({ name, id }) => [name, id]));
  const teams = [world.alfa.team];
  for (const [name, over] of Object.entries({
    without: {},
    ofTeam: { teams, contentRead: 'teams' },
    limited: { teams, reach: 'teams' },
    exporter: { teams, roles: ['analyst'], contentExport: 'teams' },
  } satisfies Record<string, Partial<Added>>))
    people.set(name, await addPerson({ db }, over));
});

test.afterAll(() => world?.close());

const personOf = (name: string): Added => {
  const person = people.get(name);
  if (person === undefined) throw new Error(`nobody is called ${name}`);
  return person;
};
const panelOf = async (page: Page, name: string | null) => {
  await page.goto(`/inventory?from=1h&interaction=${entries.get(name)}`);
  return page.locator('aside.panel');
};

test('whoever may not read content sees sizes and digests in the panel and in the reader', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, personOf('without'));
  const panel = await panelOf(page, 'alfa-agent');
  await expect(panel).toContainText('You have no right to read content.');
  for (const name of ['Input', 'Output', 'Instructions', 'Raw attributes']) {
    const section = panel
      .locator('section')
      .filter({ has: page.getByRole('heading', { name, exact: true }) });
    await expect(section).toContainText(/\d+ bytes/);
    await expect(section).toContainText(/[0-9a-f]{64}/);
  }
  await expect(panel).not.toContainText('marigold');
  await expectAccessible(page);

  await page.goto(`/sessions/${sessions.get('alfa-agent')}?view=reader`);
  await expect(page.getByText('Kinds, sizes and digests are shown.')).toBeVisible();
  const turns = page.getByRole('region', { name: 'What was read, said and done' });
  await expect(turns).toContainText(/Input, \d+ bytes, digest [0-9a-f]{16}…/);
  await expect(turns).not.toContainText('marigold');
  await expectAccessible(page);
});

test('whoever may not read content cannot search it, and is told whom to ask', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, personOf('without'));
  await page.goto('/inventory?from=1h&q=marigold');
  await expect(page.locator('#query-problems')).toContainText(
    'You have no right to read content, so you cannot search it. An administrator can give it.',
  );
  await expect(page.getByText('No interactions match.')).toBeVisible();
});

test('a right to content of one team opens and finds that team’s, and no other’s', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, personOf('ofTeam'));
  await expect(await panelOf(page, 'alfa-agent')).toContainText('marigold of ours');
  const opened = await world.owner.query(
    `SELECT FROM control_event WHERE kind = 'content_opened'
      AND facts::json ->> 'by' = $1 AND facts::json ->> 'subject' = $2
      AND facts::json ->> 'sign_in' IS NOT NULL AND facts::json ->> 'address' IS NOT NULL`,
    [`person:${personOf('ofTeam').id}`, entries.get('alfa-agent')],
  );
  expect(opened.rows).toHaveLength(1);
  const theirs = await panelOf(page, 'bravo-agent');
  await expect(theirs).toContainText('You may read content of your teams only');
  await expect(theirs).toContainText(/[0-9a-f]{64}/);
  await expect(theirs).not.toContainText('marigold');
  await expect(await panelOf(page, null)).toContainText('You may read content of your teams only');

  await page.goto('/inventory?from=1h&q=marigold');
  await expect(page.getByText('content of your teams, so nothing else is searched')).toBeVisible();
  const table = page.getByRole('table');
  await expect(table.getByText('alfa-agent', { exact: true }).first()).toBeVisible();
  await expect(table.getByText('bravo-agent')).toHaveCount(0);
});

test('whoever sees one team sees nothing of another, nor of nobody', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, personOf('limited'));
  await page.goto('/inventory?from=1h');
  await expect(
    page.getByRole('table').getByText('alfa-agent', { exact: true }).first(),
  ).toBeVisible();
  await expect(page.getByText(/bravo|ghost/)).toHaveCount(0);
  await expect(await panelOf(page, 'bravo-agent')).toContainText(
    'No entry of the log has this id.',
  );
  await page.goto('/inventory?from=1h&identity=bravo-agent');
  await expect(page.locator('#query-problems')).toContainText(
    'No identity is called bravo-agent, so nothing matches it.',
  );

  expect((await page.goto(`/sessions/${sessions.get('bravo-agent')}`))?.status()).toBe(404);
  await page.goto('/sessions');
  await expect(
    page.getByRole('table').getByText('alfa-agent', { exact: true }).first(),
  ).toBeVisible();
  await expect(page.getByText(/bravo|ghost/)).toHaveCount(0);

  await page.goto('/overview');
  await expect(page.getByText('Of your teams alone')).toBeVisible();
  await expect(page.getByText('1 active, most exchanges first')).toBeVisible();
  await expect(page.getByText(/bravo|ghost/)).toHaveCount(0);
  await page.goto('/coverage');
  await expect(
    page.getByRole('table').getByText('alfa-agent', { exact: true }).first(),
  ).toBeVisible();
  await expect(page.getByText(/bravo|ghost/)).toHaveCount(0);
  await page.goto('/coverage?view=shadow');
  await expect(page.getByText('only whoever sees all activity sees it')).toBeVisible();
  await expect(page.getByText(/bravo|ghost/)).toHaveCount(0);
  await page.goto('/health/quarantine');
  await expect(page.getByText('only whoever sees all activity sees it')).toBeVisible();
  await expectAccessible(page);

  for (const path of [
    `content?id=${entries.get('bravo-agent')}`,
    `reader?session=${sessions.get('bravo-agent')}`,
    `arrived?identity=${world.bravo.id}&after=1`,
  ]) {
    const answer = await page.request.get(`/api/live/${path}`);
    expect(answer.status(), path).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toContain('bravo');
  }
});

test('whoever takes content of one team out is told so, and a viewer exports nothing', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, personOf('exporter'));
  await page.goto('/inventory?from=1h');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  await expect(dialog).toContainText('of all others sizes and digests alone');
  await dialog.getByLabel(/With content/).check();
  const file = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const text = (await (await file).createReadStream()).setEncoding('utf8');
  const said = (await text.toArray()).join('');
  expect(said.match(/marigold of \w+/g)).toContain('marigold of ours');
  expect(said).not.toMatch(/marigold of (theirs|nobody)/);
  expect(said.trim().split('\n')).toHaveLength(3);

  await signInAs(page, installation, personOf('without'));
  await page.goto('/inventory?from=1h');
  const button = page.getByRole('button', { name: 'Export' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toHaveAttribute('title', /may export the facts of a view/);
});

test('a second factor of an hour ago does not take content out', async ({ page, installation }) => {
  const { db } = installation;
  await signInAs(page, installation, personOf('exporter'), {
    factorAt: new Date(Date.now() - 3_600_000),
  });
  await page.goto('/inventory?from=1h');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  const before = await db.exportJob.count();
  await dialog.getByLabel(/With content/).check();
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByText(/second factor/).first()).toBeVisible();
  expect(await db.exportJob.count()).toBe(before);
});

test('a live list ends within seconds of a change of what may be read', async ({
  page,
  installation,
}) => {
  const { id } = personOf('ofTeam');
  await signInAs(page, installation, { id });
  await page.goto('/inventory?from=1h');
  const opened = page.waitForResponse('**/api/live/tail?**');
  const told = page.evaluate(async () => {
    const { body } = await fetch('/api/live/tail?from=1h');
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ; ) {
      const part = await reader?.read();
      if (part === undefined || part.done) return text;
      text += part.value;
    }
  });
  // Whoever has less from the beginning is told of no change.
  await opened;
  await installation.db.person.update({ where: { id }, data: { contentRead: 'none' } });
  expect(await told).toContain('What you may see has changed. Load the page again.');
});
