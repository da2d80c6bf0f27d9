import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { z } from 'zod';

/** What opened a sign-in. */
export type Proof = 'password' | 'passkey' | 'sso';

/** What made it whole: a code of an app, a passkey, a recovery code, or the organisation's own sign-in. */
export type Factor = 'totp' | 'passkey' | 'recovery' | 'sso';

/** A sign-in that waits for its second factor. */
export type Pending = {
  id: string;
  proof: Proof;
  person: { id: string; email: string; name: string };
  /** Whether there is a factor to show; without one, one is set up now. */
  hasTotp: boolean;
  hasPasskeys: boolean;
};

/** By what somebody who is signed in may show a second factor again. */
export type ShowableFactors = {
  hasTotp: boolean;
  passkey: PublicKeyCredentialRequestOptionsJSON | null;
};

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/);

const credential = {
  id: base64url(2048),
  rawId: base64url(2048),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.object({}).default({}),
};

/** What a browser answers when it made a passkey; bounded, since it is parsed as CBOR. */
export const MadePasskey = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(8192),
    attestationObject: base64url(32_768),
    transports: z.array(z.string().min(1).max(32)).max(10).optional(),
  }),
});
export type MadePasskey = z.infer<typeof MadePasskey>;

/** What a browser answers when a passkey signed. */
export const ShownPasskey = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(8192),
    authenticatorData: base64url(8192),
    signature: base64url(2048),
    userHandle: base64url(128).optional(),
  }),
});
export type ShownPasskey = z.infer<typeof ShownPasskey>;

/** A second factor, shown again. */
export const FactorShown = z.union([
  z.object({ code: z.string().max(64) }),
  z.object({ passkey: ShownPasskey }),
]);
export type FactorShown = z.infer<typeof FactorShown>;
