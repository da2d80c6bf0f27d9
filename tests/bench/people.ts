import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { findLiveSignIn } from '@/lib/auth/queries';
import { ctxOf, mintScope } from '@/lib/auth/scope';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { migrate } from '@/lib/db/migrate';
import { createConnection } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { authorize } from '@/lib/people/permissions';
import { startPostgres } from '../../server/postgres.mjs';
import { startConsole } from '../support/console';
import { openCookie } from '../support/sign-in-as';
import { type BenchResult, type Figure, figure, medianOf, quantileOf } from './report';

const people = 2000;
const teamsOfEach = 5;
const signInsOfEach = 10;
const checks = 5000;
const loads = 20;
const revocations = 10;

/**
 * 2,000 people in teams with 20,000 sign-ins; then what a request's permission check costs beside a bare round trip to
 * the database, how long until the sign-in page answers in a browser, and until a revoked sign-in has left its page and
 * its stream.
 */
export async function benchPeople(): Promise<BenchResult> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-bench-'));
  const postgres = await startPostgres({ dataDir, disposable: true });
  try {
    const owner = createConnection(postgres.url, { applicationName: 'bench' });
    await owner.connect();
    await owner.query('CREATE DATABASE bench');
    await owner.end();
    const url = new URL(postgres.url);
    url.pathname = '/bench';
    await migrate(url.href);
    const key = randomBytes(32);
    const logins = await ensureLogins(url.href, keyEncryptionKeyOf(key));
    const db = createPrisma(url.href, { applicationName: 'bench' });
    await createFirstAdministrator(
      db,
      {
        email: 'bench@example.com',
        password: 'correct horse battery',
        organisation: 'Blue Sparrow',
      },
      new Date(),
    );
    await seed(db);
    const asConsole = createPrisma(logins.console, { applicationName: 'bench' });
    const kek = key.toString('base64');
    try {
      return {
        name: 'people',
        figures: [
          ...(await checkFigures(db, asConsole)),
          ...(await browserFigures(db, { consoleUrl: logins.console, kek })),
        ],
      };
    } finally {
      await Promise.all([db.$disconnect(), asConsole.$disconnect()]);
    }
  } finally {
    await postgres.stop();
  }
}

async function seed(db: PrismaClient): Promise<void> {
  const now = new Date();
  const teams = Array.from({ length: 50 }, (_, n) => ({ id: newId(), name: `team ${n}` }));
  await db.team.createMany({ data: teams.map((team) => ({ ...team, createdAt: now })) });
  const ids = Array.from({ length: people }, () => newId());
  await db.person.createMany({
    data: ids.map((id) => ({
      id,
      email: `${id}@example.org`,
      name: id,
      roles: ['analyst'],
      contentRead: 'teams',
      createdAt: now,
    })),
  });
  await db.personTeam.createMany({
    data: ids.flatMap((personId, n) =>
      Array.from({ length: teamsOfEach }, (_, k) => ({
        personId,
        teamId: teams[(n + k) % teams.length]?.id ?? '',
      })),
    ),
  });
  await db.signIn.createMany({
    data: ids.flatMap((personId) =>
      Array.from({ length: signInsOfEach }, () => ({
        id: newId(),
        tokenHash: new Uint8Array(secretHash(newId())),
        personId,
        address: '192.0.2.1',
        userAgent: 'bench',
        createdAt: now,
        factor: 'totp',
        factorAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + 3_600_000),
      })),
    ),
  });
  await db.$executeRaw`ANALYZE`;
}

/** One after the other, turn about with a statement that only goes there and back. */
async function checkFigures(db: PrismaClient, asConsole: PrismaClient): Promise<Figure[]> {
  const { id: personId } = await db.person.findFirstOrThrow({
    where: { roles: { has: 'analyst' } },
    select: { id: true },
  });
  const token = randomBytes(32).toString('base64url');
  const now = new Date();
  await db.signIn.create({
    data: {
      id: newId(),
      tokenHash: new Uint8Array(secretHash(token)),
      personId,
      address: '192.0.2.1',
      userAgent: 'bench',
      createdAt: now,
      factor: 'totp',
      factorAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
  });
  const checked: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < checks + 500; round += 1) {
    const started = performance.now();
    const live = await findLiveSignIn(asConsole, token, new Date());
    if (live === null) throw new Error('The sign-in does not live.');
    mintScope(live.person);
    const facts = { signIn: live.id, address: '192.0.2.1', isFresh: true };
    authorize(ctxOf(live.person, facts).actor, 'facts.export');
    const between = performance.now();
    await asConsole.$queryRaw`SELECT 1 AS there`;
    // The first rounds warm and are not counted.
    if (round < 500) continue;
    checked.push(between - started);
    bare.push(performance.now() - between);
  }
  return [
    figure('permission check, median', medianOf(checked), 'ms', { max: 1 }),
    figure('permission check, p99', quantileOf(checked, 0.99), 'ms'),
    figure('to a bare round trip, ratio of medians', medianOf(checked) / medianOf(bare), ''),
  ];
}

async function browserFigures(
  db: PrismaClient,
  { consoleUrl, kek }: { consoleUrl: string; kek: string },
): Promise<Figure[]> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(path.resolve('.next/BUILD_ID')) || !existsSync(executablePath)) return [];
  const running = await startConsole({ consoleUrl, kek });
  const browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const site = { db, kek, ...running };
  const admin = await db.person.findFirstOrThrow({
    where: { roles: { has: 'admin' } },
    select: { id: true },
  });
  try {
    const interactive: number[] = [];
    for (let round = 0; round <= loads; round += 1) {
      // A browser that never was here: nothing is cached.
      const context = await browser.newContext({ baseURL: running.url });
      const page = await context.newPage();
      await page.goto('/sign-in', { waitUntil: 'commit' });
      // React has taken the form over once it holds its properties.
      const ms = await page.evaluate(async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        const isTaken = () => {
          const form = document.querySelector('form');
          return form !== null && Object.keys(form).some((name) => name.startsWith('__reactProps'));
        };
        while (!isTaken()) await frame();
        await frame();
        return performance.now();
      });
      if (round > 0) interactive.push(ms);
      await context.close();
    }
    const left: number[] = [];
    const cut: number[] = [];
    for (let round = 0; round < revocations; round += 1) {
      const { name, value, signIn } = await openCookie(site, admin);
      const context = await browser.newContext({ baseURL: running.url });
      await context.addCookies([{ name, value, url: running.url }]);
      const page = await context.newPage();
      await page.goto('/overview');
      const stream = await fetch(`${running.url}/api/live/tail`, {
        headers: { cookie: `${name}=${value}` },
      });
      const reader = stream.body?.getReader();
      await reader?.read();
      const endedAt = performance.now();
      await db.signIn.update({ where: { id: signIn }, data: { endedAt: new Date() } });
      const isCut = (async () => {
        while ((await reader?.read())?.done === false);
        cut.push((performance.now() - endedAt) / 1000);
      })();
      await page.waitForURL(/\/sign-in/);
      left.push((performance.now() - endedAt) / 1000);
      await isCut;
      await context.close();
    }
    return [
      figure('sign-in page interactive, p95', quantileOf(interactive, 0.95), 'ms', { max: 1000 }),
      figure('revoked sign-in has left its page, worst', Math.max(...left), 's', { max: 5 }),
      figure('revoked sign-in has left its stream, worst', Math.max(...cut), 's', { max: 5 }),
    ];
  } finally {
    await browser.close();
    await running.stop();
  }
}
