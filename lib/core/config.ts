import { z } from 'zod';
import { isLoopbackHost, parseNetworks } from './network';

const port = (first: number) => z.coerce.number().int().min(0).max(65535).default(first);
const days = (first: number) => z.coerce.number().int().min(1).max(36_500).default(first);
const kek = z
  .string()
  .refine(
    (text) => Buffer.from(text, 'base64').length === 32,
    'must be 32 bytes in base64: `openssl rand -base64 32` makes one',
  );

const networks = z.string().refine((text) => {
  try {
    return Boolean(parseNetworks(text));
  } catch {
    return false;
  }
}, 'must be networks like 10.20.0.0/16, comma separated');
/** `Sallyport <sallyport@company.example>`, or the address alone. */
const mailbox = z
  .string()
  .max(320)
  .regex(
    /^(?:[^\p{Cc}\p{Zl}\p{Zp}<>"]{0,120} )?<[^\s<>@",;]+@[^\s<>@",;]+>$|^[^\s<>@",;]+@[^\s<>@",;]+$/u,
    'must be an e-mail address, or a name and <an address>',
  );

/** An OpenID issuer as it writes itself, compared to the letter (OpenID Connect Discovery 1.0, section 3). */
const issuer = z
  .string()
  .max(2048)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, host, username, search, hash } = new URL(text);
    if (username !== '' || search !== '' || hash !== '') return false;
    return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(host));
  }, 'must be an https address without a query; http is for loopback alone');

/** What single sign-on cannot do without; the other keys that begin like these have defaults. */
const ssoNeeds = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_ROLES'] as const;

/**
 * The environment, parsed once. `.env.example` lists the same keys; a test holds them together.
 * An empty value counts as unset, so that a line of `.env` can be left blank.
 */
const keys = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port(3000),
  CONSOLE_URL: z.url().optional(),
  GATEWAY_PORT: port(4318),
  GATEWAY_GRPC_PORT: port(4317),
  GATEWAY_URL: z.url().optional(),
  GATEWAY_TLS_PORT: port(4443),
  GATEWAY_GRPC_TLS_PORT: port(4444),
  GATEWAY_TLS_CERT: z.string().max(4096).optional(),
  GATEWAY_TLS_KEY: z.string().max(4096).optional(),
  GATEWAY_TLS_URL: z.url({ protocol: /^https$/, error: 'must begin with https://' }).optional(),
  TRUSTED_PROXIES: z.string().optional(),
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  DATA_DIR: z.string().default('data'),
  // Unset: on for the embedded database alone.
  DEV_CA: z.enum(['on', 'off'], 'must be on or off').optional(),
  SALLYPORT_KEK: kek.optional(),
  SALLYPORT_KEK_NEW: kek.optional(),
  SALLYPORT_CONTENT_KEY: kek.optional(),
  SALLYPORT_ADMIN_EMAIL: z.email().optional(),
  SALLYPORT_ADMIN_PASSWORD: z.string().min(12, 'must have 12 characters at least').optional(),
  SALLYPORT_ADMIN_TOTP: z
    .string()
    .regex(
      /^[A-Za-z2-7]{26,104}=*$/,
      'must be a seed of 16 bytes at least in base32: `openssl rand 20 | base32` makes one',
    )
    .optional(),
  OIDC_ISSUER: issuer.optional(),
  OIDC_CLIENT_ID: z.string().max(1024).optional(),
  OIDC_CLIENT_SECRET: z.string().max(1024).optional(),
  OIDC_SCOPES: z.string().max(1024).optional(),
  OIDC_GROUPS_CLAIM: z.string().max(256).optional(),
  OIDC_ROLES: z.string().max(65_536).optional(),
  OIDC_MFA: z.string().max(8192).optional(),
  OIDC_NAME: z.string().max(60).optional(),
  SALLYPORT_SCRAPE_KEY: z.string().min(24, 'must have 24 characters at least').optional(),
  CONTENT: z.enum(['keep', 'redact', 'digest']).default('redact'),
  RETENTION_BODY_DAYS: days(30),
  RETENTION_FACTS_DAYS: days(365),
  // Where e-mail is handed in, with what it asks for; only the worker is given it.
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must begin with smtp:// or smtps://' })
    .optional(),
  SMTP_FROM: mailbox.optional(),
  WEBHOOK_NETWORKS: networks.optional(),
  FEDERATION_NETWORKS: networks.optional(),
  DISK_MIN_MB: z.coerce.number().int().min(0).default(2048),
  INGEST_ITEMS_PER_SECOND: z.coerce.number().int().min(1).default(2000),
  INGEST_MB_PER_MINUTE: z.coerce.number().int().min(1).default(256),
  CHROMIUM: z.string().optional(),
  SALLYPORT_DATASETS: z.string().optional(),
});
export const Config = keys.superRefine((given, context) => {
  const set = Object.entries(given).flatMap(([key, value]) =>
    key.startsWith('OIDC_') && value !== undefined ? [key] : [],
  );
  if (set.length === 0) return;
  for (const key of ssoNeeds)
    if (given[key] === undefined)
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `is missing: single sign-on needs ${ssoNeeds.join(', ')}, and here is ${set.join(', ')}`,
      });
});
export type Config = z.infer<typeof Config>;

/** Throws one error that lists every problem, in words that say what to do. */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Config.safeParse(present);
  const problems = (parsed.error?.issues ?? []).map(
    (issue) => `  ${issue.path.join('.')}: ${issue.message}`,
  );
  if (present.SMTP_URL !== undefined && present.SMTP_FROM === undefined)
    problems.push('  SMTP_FROM: must say whom e-mail comes from where SMTP_URL is set');
  for (const [key, other] of [
    ['GATEWAY_TLS_CERT', 'GATEWAY_TLS_KEY'],
    ['GATEWAY_TLS_KEY', 'GATEWAY_TLS_CERT'],
  ] as const)
    if (present[key] !== undefined && present[other] === undefined)
      problems.push(`  ${other}: must name a PEM file where ${key} is set`);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new Error(`The environment is not usable:\n${problems.join('\n')}`);
}

let current: Config | undefined;

/** This process's configuration; the only reader of `process.env`. */
export function config(): Config {
  current ??= parseConfig(process.env);
  return current;
}

export const consoleUrl = ({ CONSOLE_URL, PORT }: Config) =>
  CONSOLE_URL ?? `http://localhost:${PORT}`;
export const gatewayUrl = ({ GATEWAY_URL, GATEWAY_PORT }: Config) =>
  GATEWAY_URL ?? `http://localhost:${GATEWAY_PORT}`;
export const gatewayTlsUrl = ({ GATEWAY_TLS_URL, GATEWAY_TLS_PORT }: Config) =>
  GATEWAY_TLS_URL ?? `https://localhost:${GATEWAY_TLS_PORT}`;
