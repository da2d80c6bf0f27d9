import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';
import { foldHostRule } from './host-name';

export const hostsMax = 50;
export const pinsMax = 10;
export const secretsMax = 2;
const keysMax = 10;
export const toleranceSeconds = 300;

const quoted = (text: string) => `“${text.length > 80 ? `${text.slice(0, 80)}…` : text}”`;

const Host = z.string().transform((text, ctx) => {
  const host = foldHostRule(text);
  if (host !== null) return host;
  ctx.addIssue({
    code: 'custom',
    message: `${quoted(text)} is no host name. Write api.example.com, or *.example.com for one label in front; no address, port or path.`,
  });
  return z.NEVER;
});

/** SHA-256 of the SubjectPublicKeyInfo, base64, as RFC 7469 writes it. */
const Pin = z
  .string()
  .trim()
  .transform((text) => text.replace(/^sha256\//, ''))
  .refine(
    (text) => /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text),
    'A pin is the SHA-256 of a public key (SubjectPublicKeyInfo) in base64, 44 characters.',
  );

export const signatureAlgorithms = ['ed25519', 'ecdsa-p256-sha256', 'rsa-pss-sha512'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** A component of RFC 9421 that must be signed: a derived one, or the name of a field. */
const Component = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(@(method|target-uri|authority|scheme|request-target|path|query)|[a-z0-9!#$%&'*+.^_`|~-]{1,80})$/,
    'A component that must be signed is @method, @target-uri, @authority, @scheme, @request-target, @path, @query or the name of a header.',
  );

const KeyId = z
  .string()
  .min(1, 'Each key has its keyid.')
  .max(200, 'A keyid has 200 characters at most.')
  .regex(/^[\x20-\x7e]+$/, 'A keyid is ASCII.');

/** How what it signs is verified; secrets are apart. Keys are SPKI in PEM. */
export const Verifier = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('standard_webhooks'),
    /** Ed25519 keys of `v1a` signatures; `v1` is by the sealed secrets. */
    keys: z.array(z.string()).max(keysMax, `There are ${keysMax} keys at most.`).default([]),
  }),
  z.strictObject({
    kind: z.literal('message_signatures'),
    keys: z
      .array(
        z.strictObject({
          keyid: KeyId,
          algorithm: z.enum(signatureAlgorithms, 'Choose an algorithm.'),
          publicKey: z.string().max(8192, 'A public key has 8,192 characters at most.'),
        }),
      )
      .min(1, 'Name one key at least.')
      .max(keysMax, `There are ${keysMax} keys at most.`)
      .refine(
        (keys) => new Set(keys.map(({ keyid }) => keyid)).size === keys.length,
        'Each keyid means one key.',
      ),
    components: z
      .array(Component)
      .min(1, 'Name one component at least that must be signed.')
      .max(20, 'Twenty components at most must be signed.')
      .transform((names) => [...new Set(names)]),
  }),
]);
export type Verifier = z.output<typeof Verifier>;

/** As Standard Webhooks writes a shared secret: 24 to 64 bytes. */
export const WebhookSecret = z
  .string()
  .trim()
  .regex(
    /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
    'A shared secret begins with whsec_ and holds 24 to 64 bytes in base64.',
  );

export const SetExternalApi = z.strictObject({
  identityId: z.guid(),
  hosts: z
    .array(Host)
    .min(1, 'Name one host at least.')
    .max(hostsMax, `An external API has ${hostsMax} hosts at most.`)
    .transform((hosts) => [...new Set(hosts)].sort()),
  pins: z
    .array(Pin)
    .max(pinsMax, `There are ${pinsMax} pins at most.`)
    .transform((pins) => [...new Set(pins)])
    .default([]),
  anchorId: z.guid('Choose an authority.').nullable().default(null),
  authority: z
    .string()
    .trim()
    .max(65_536, 'Certificates of an authority have 64 KiB at most.')
    .nullable()
    .default(null),
  verifier: Verifier.nullable().default(null),
  /** The certificates that were pasted before stay. */
  keepsAuthority: z.boolean().default(false),
  /** New shared secrets, the newer first; null keeps those that there are. Never shown again. */
  secrets: z
    .array(WebhookSecret)
    .max(secretsMax, `There are ${secretsMax} shared secrets at most, so that one can be replaced.`)
    .nullable()
    .default(null),
  /** Of the version that was looked at; null for the first. */
  seenAt: z.iso.datetime().nullable(),
  reason: Reason,
});
export type SetExternalApi = z.input<typeof SetExternalApi>;

export const origins = ['verified', 'unverified'] as const;
export type Origin = (typeof origins)[number];
export const probeOutcomes = ['verified', 'unverified', 'unreachable'] as const;
export type ProbeOutcome = (typeof probeOutcomes)[number];

export type Probe = {
  host: string;
  outcome: ProbeOutcome;
  reason: string;
  subject: string | null;
  issuer: string | null;
  pin: string | null;
  endsAt: Date | null;
  probedAt: Date;
};

export type ExternalApi = {
  id: string;
  name: string;
  names: readonly string[];
  state: string;
  hosts: readonly string[];
  pins: readonly string[];
  authority: { name: string; id: string | null } | null;
  verifier: Verifier | null;
  /** Whether shared secrets are sealed there; what they are is shown to nobody. */
  hasSecrets: boolean;
  changedAt: Date;
  probeDueAt: Date;
  probes: readonly Probe[];
};

export const messageBytesMax = 1024 * 1024;

/** What came from an external API, as it was received. */
export const SignedMessage = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Za-z]{1,20}$/, 'method is one of HTTP.')
    .describe('As it was received, such as POST'),
  url: z
    .string()
    .max(8192, 'url has 8,192 characters at most.')
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'url is a whole address.')
    .describe('Where it was received, as whoever sent it wrote it'),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'A header has a name of HTTP.'),
      z.union([z.string().max(16_384), z.array(z.string().max(16_384)).max(20)], {
        error: 'A header is text, or a list of texts where it came more than once.',
      }),
    )
    .refine((headers) => Object.keys(headers).length <= 100, 'There are 100 headers at most.'),
  body: z
    .string()
    .max(Math.ceil(messageBytesMax / 3) * 4, 'body has 1 MiB at most.')
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'body is base64.')
    .default('')
    .describe('base64'),
  receivedAt: z.iso
    .datetime({ offset: true, error: 'receivedAt is a time like 2026-11-30T08:00:00Z.' })
    .optional()
    .describe('Ten minutes ago at most; now where it is left out'),
});
export type SignedMessage = z.output<typeof SignedMessage>;

export const verifyReasons = [
  'signed',
  'no_verifier',
  'stopped',
  'missing',
  'malformed',
  'unknown_key',
  'wrong_algorithm',
  'not_covered',
  'digest_mismatch',
  'too_old',
  'in_future',
  'invalid',
  'replayed',
  'too_many',
] as const;
export type VerifyReason = (typeof verifyReasons)[number];

export type ExternalAction = (last: Acted<string> | null, form: FormData) => Promise<Acted<string>>;

/** One line of visible text out of what a certificate says of itself. */
export const toLine = (text: string, max = 300): string =>
  [...text]
    .filter((each) => singleLine.test(each))
    .join('')
    .slice(0, max);
