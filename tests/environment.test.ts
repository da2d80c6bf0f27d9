import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { Config, parseConfig } from '@/lib/core/config';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { SCHEMA_VERSION } from '@/lib/db/schema-version';
import { contentKeyOf, environmentOf } from '../server/environment.mjs';

test('.env.example lists exactly the keys that are read', () => {
  const example = readFileSync('.env.example', 'utf8');
  const keys = [...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, key]) => key);
  expect([...keys].sort()).toEqual(Object.keys(Config.shape).sort());
});

test('.env.example as it is, all blank, is a usable environment', () => {
  const blank = Object.fromEntries(Object.keys(Config.shape).map((key) => [key, '']));
  expect(parseConfig(blank).PORT).toBe(3000);
});

test('what starts the worker derives the content key that the others derive', () => {
  const kek = Buffer.alloc(32, 5);
  expect(contentKeyOf(kek.toString('base64'))).toBe(
    keyEncryptionKeyOf(kek).derive('content').toString('base64'),
  );
});

test('the worker is started without the key-encryption key', () => {
  const kek = Buffer.alloc(32, 5).toString('base64');
  const given = { databaseUrl: 'postgresql://x', kek, dataDir: 'data' };
  expect(environmentOf('worker', given)).toMatchObject({
    SALLYPORT_KEK: '',
    SALLYPORT_CONTENT_KEY: contentKeyOf(kek),
  });
  for (const name of ['gateway', 'console'] as const)
    expect(environmentOf(name, given)).toMatchObject({
      SALLYPORT_KEK: kek,
      SALLYPORT_CONTENT_KEY: '',
    });
});

// If this fails, whoever takes over the console can send e-mail in the organisation's name.
test('what hands e-mail in is given to the worker alone', () => {
  const given = { databaseUrl: 'postgresql://x', kek: '', dataDir: 'data' };
  vi.stubEnv('SMTP_URL', 'smtps://u:p@mail.example');
  vi.stubEnv('SMTP_FROM', 's@example.org');
  const [worker, console, gateway] = (['worker', 'console', 'gateway'] as const).map((name) => {
    const { SMTP_URL, SMTP_FROM }: Record<string, string | undefined> = environmentOf(name, given);
    return [SMTP_URL, SMTP_FROM];
  });
  expect(worker).toEqual(['smtps://u:p@mail.example', 's@example.org']);
  expect(console).toEqual(['', 's@example.org']);
  expect(gateway).toEqual(['', '']);
  vi.unstubAllEnvs();
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'an address of another protocol',
    { SMTP_URL: 'https://secret@mail.example' },
    /SMTP_URL: must begin/,
  ],
  [
    'a mail server without whom it comes from',
    { SMTP_URL: 'smtp://mail.example' },
    /SMTP_FROM: must say/,
  ],
  [
    'a second line in whom it comes from',
    { SMTP_FROM: 'a <a@b.example>\r\nBcc: c@d.example' },
    /SMTP_FROM/,
  ],
  ['two addresses it comes from', { SMTP_FROM: 'a@b.example,c@d.example' }, /SMTP_FROM/],
  [
    'networks that are none',
    { WEBHOOK_NETWORKS: '10.0.0.0/' },
    /WEBHOOK_NETWORKS: must be networks/,
  ],
])('refuses %s', (_what, env, sentence) => {
  expect(() => parseConfig(env)).toThrow(sentence);
  expect(() => parseConfig(env)).not.toThrow(/secret/);
});

test('only the console is told how it signs in elsewhere', () => {
  process.env.OIDC_CLIENT_SECRET = 'a secret';
  const given = { databaseUrl: 'postgresql://x', kek: 'x', dataDir: 'data' };
  const told = (['console', 'gateway', 'worker'] as const).map(
    (name) => environmentOf(name, given).OIDC_CLIENT_SECRET,
  );
  delete process.env.OIDC_CLIENT_SECRET;
  expect(told).toEqual(['a secret', '', '']);
});

test('every key of single sign-on reaches the console', () => {
  const keys = Object.keys(Config.shape).filter((key) => key.startsWith('OIDC_'));
  for (const key of keys) process.env[key] = key;
  const env: Record<string, string | undefined> = environmentOf('console', {
    databaseUrl: 'postgresql://x',
    kek: 'x',
    dataDir: 'data',
  });
  for (const key of keys) delete process.env[key];
  expect(keys).toHaveLength(8);
  for (const key of keys) expect(env[key]).toBe(key);
});

test('every problem of the environment is told at once', () => {
  const problems = { PORT: 'x', SALLYPORT_KEK: 'short', CONTENT: 'some' };
  expect(() => parseConfig(problems)).toThrow(/PORT[\s\S]*SALLYPORT_KEK[\s\S]*CONTENT/);
});

test('the code asks for the newest migration there is', () => {
  const migrations = readdirSync('prisma/migrations').filter((name) => /^\d/.test(name));
  expect(SCHEMA_VERSION).toBe(migrations.sort().at(-1));
});
