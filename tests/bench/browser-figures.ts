import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { createPrisma } from '@/lib/db/prisma';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { startConsole } from '../support/console';
import { openCookie } from '../support/sign-in-as';
import { type Figure, figure, quantileOf } from './report';

const rounds = 12;
const sessionRounds = 24;
const nextPaintMax = { max: 200 };
const interactiveMax = { max: 300 };
const person = { email: 'bench@example.com', password: 'correct horse battery' };

/**
 * In a real browser, over what the other figures seeded: how long until the screen answers a click or a key in
 * the inventory (interaction to next paint, as browsers report it), and until a session of 2,000 spans can be
 * walked. Nothing where the console was not built or there is no Chromium.
 */
export async function browserFigures(migratorUrl: string): Promise<Figure[]> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(path.resolve('.next/BUILD_ID')) || !existsSync(executablePath)) return [];
  const key = randomBytes(32);
  const logins = await ensureLogins(migratorUrl, keyEncryptionKeyOf(key));
  const db = createPrisma(migratorUrl, { applicationName: 'bench' });
  await createFirstAdministrator(db, { ...person, organisation: 'Blue Sparrow' }, new Date());
  const kek = key.toString('base64');
  const running = await startConsole({ consoleUrl: logins.console, kek });
  const { id } = await db.person.findFirstOrThrow({ select: { id: true } });
  const { name, value } = await openCookie({ db, kek, ...running }, { id });
  await db.$disconnect();
  const browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage({ baseURL: running.url });
    await page.context().addCookies([{ name, value, url: running.url }]);
    return [...(await paintFigures(page)), ...(await sessionFigures(page))];
  } finally {
    await browser.close();
    await running.stop();
  }
}

/** Rows opened and walked, panels closed, facets chosen and taken away, words typed. */
async function paintFigures(page: Page): Promise<Figure[]> {
  await page.addInitScript(() => {
    const taken: number[] = [];
    Object.assign(window, { taken });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ('interactionId' in entry && entry.interactionId) taken.push(entry.duration);
    }).observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
  const all: number[] = [];
  let interactions = 0;
  for (let round = 0; round < rounds; round += 1) {
    await page.goto('/inventory');
    const rows = page.locator('tr[data-id]');
    await rows.nth(2).click();
    await page.getByRole('complementary').waitFor();
    for (let step = 0; step < 8; step += 1) {
      await page.keyboard.press('j');
      await page.waitForTimeout(60);
    }
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('status:error');
    await page.locator('.facets a').first().click();
    await page.waitForURL(/kind=|identity=/);
    await page.waitForTimeout(300);
    interactions += 1 + 8 + 2 + 'status:error'.length + 1;
    all.push(...(await page.evaluate(() => (window as unknown as { taken: number[] }).taken)));
  }
  return [
    figure(
      'interaction to next paint, all but the worst in 50',
      quantileOf(all, 0.98),
      'ms',
      nextPaintMax,
    ),
    figure('interaction to next paint, the worst', Math.max(...all), 'ms', nextPaintMax),
    figure('interactions measured', interactions, ''),
  ];
}

/** From the click until the tree stands and the page is idle; and from an address until the tree obeys a key. */
async function sessionFigures(page: Page): Promise<Figure[]> {
  const clicked: number[] = [];
  const loaded: number[] = [];
  for (let round = 0; round <= sessionRounds; round += 1) {
    await page.goto('/sessions');
    await page.locator('main table a[href*="/sessions/"]').first().waitFor();
    await page.waitForTimeout(500);
    const ms = await page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const started = performance.now();
      document.querySelector<HTMLAnchorElement>('main table a[href*="/sessions/"]')?.click();
      while (document.querySelector('[role=treeitem]') === null) await frame();
      await frame();
      return performance.now() - started;
    });
    // What the page before still asks the console for is not part of opening this one.
    await page.waitForTimeout(500);
    await page.reload({ waitUntil: 'commit' });
    const whole = await page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      for (;;) {
        const tree = document.querySelector<HTMLElement>('[role=tree]');
        const before = tree?.getAttribute('aria-activedescendant') ?? null;
        tree?.focus();
        tree?.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
        await frame();
        if (tree && (tree.getAttribute('aria-activedescendant') ?? null) !== before) break;
      }
      return performance.now();
    });
    // The first round warms and is not counted.
    if (round === 0) continue;
    clicked.push(ms);
    loaded.push(whole);
  }
  return [
    figure(
      'session of 2,000 spans p95, click to tree',
      quantileOf(clicked, 0.95),
      'ms',
      interactiveMax,
    ),
    figure(
      'session of 2,000 spans p95, address to obeying keys',
      quantileOf(loaded, 0.95),
      'ms',
      interactiveMax,
    ),
  ];
}
