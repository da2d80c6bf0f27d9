import { hkdfSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './build.mjs';

/** Reads `.env`, whose values give way to those already set; refuses a Node that is too old. */
export function loadEnvironment() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 20))
    throw new Error(`Sallyport needs Node 20.20 or newer, and this is ${process.version}.`);
  const file = path.join(root, '.env');
  if (fs.existsSync(file)) process.loadEnvFile(file);
}

/** A key's value; an empty one counts as unset. */
export const setting = (name) => process.env[name] || undefined;

const fromSystem = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'];
const everywhere = [
  'HOST',
  'PORT',
  'CONSOLE_URL',
  'GATEWAY_PORT',
  'GATEWAY_GRPC_PORT',
  'GATEWAY_URL',
  'GATEWAY_TLS_PORT',
  'GATEWAY_GRPC_TLS_PORT',
  'GATEWAY_TLS_URL',
  'TRUSTED_PROXIES',
  'DEV_CA',
];
const contentAndDisk = ['CONTENT', 'RETENTION_BODY_DAYS', 'RETENTION_FACTS_DAYS', 'DISK_MIN_MB'];
const byProcess = {
  gateway: [
    'GATEWAY_TLS_CERT',
    'GATEWAY_TLS_KEY',
    'SALLYPORT_SCRAPE_KEY',
    'INGEST_ITEMS_PER_SECOND',
    'INGEST_MB_PER_MINUTE',
    'FEDERATION_NETWORKS',
  ],
  worker: ['SMTP_URL', 'SMTP_FROM', 'WEBHOOK_NETWORKS'],
  // That there is e-mail, and not what hands it in.
  console: [
    'SMTP_FROM',
    'WEBHOOK_NETWORKS',
    'FEDERATION_NETWORKS',
    'OIDC_ISSUER',
    'OIDC_CLIENT_ID',
    'OIDC_CLIENT_SECRET',
    'OIDC_SCOPES',
    'OIDC_GROUPS_CLAIM',
    'OIDC_ROLES',
    'OIDC_MFA',
    'OIDC_NAME',
  ],
};

/** Our own environment for a program that is not ours: every key of Sallyport's is blank. */
export const withoutKeys = () => ({ ...process.env, ...blankKeys() });

/**
 * The environment of one process: what it needs and nothing else.
 * @param {'gateway' | 'worker' | 'console'} name
 * @param {{ databaseUrl: string, kek: string, dataDir: string }} given
 */
export function environmentOf(name, { databaseUrl, kek, dataDir }) {
  const allowed = [...everywhere, ...contentAndDisk, ...byProcess[name]];
  const passed = Object.fromEntries(
    [...fromSystem, ...allowed].flatMap((key) =>
      process.env[key] ? [[key, process.env[key]]] : [],
    ),
  );
  return {
    ...blankKeys(),
    ...passed,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    DATABASE_URL: databaseUrl,
    // The worker reads content and nothing else: other keys and the database passwords do not follow from this one.
    ...(name === 'worker' ? { SALLYPORT_CONTENT_KEY: contentKeyOf(kek) } : { SALLYPORT_KEK: kek }),
    DATA_DIR: dataDir,
  };
}

/** The content key in base64, as lib/core/secrets.ts derives it (RFC 5869). */
export function contentKeyOf(kek) {
  const key = Buffer.from(kek, 'base64');
  const derived = hkdfSync('sha256', key, Buffer.alloc(0), 'sallyport:content', 32);
  return Buffer.from(derived).toString('base64');
}

/** Next reads `.env` by itself; a key that is there, if empty, it leaves alone. */
function blankKeys() {
  const example = fs.readFileSync(path.join(root, '.env.example'), 'utf8');
  return Object.fromEntries([...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, key]) => [key, '']));
}
