import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { config, consoleUrl } from '@/lib/core/config';
import type { MadePasskey, ShownPasskey } from './schema';

/** The relying party is the console: `CONSOLE_URL`'s host (Web Authentication, level 3, §5.1.2). */
function relyingParty() {
  const { origin, hostname } = new URL(consoleUrl(config()));
  return { origin, id: hostname };
}

export type KnownPasskey = { credentialId: Uint8Array; transports: string[] };

const idOf = (credentialId: Uint8Array) => Buffer.from(credentialId).toString('base64url');

/** Asks for a passkey that is found without a name typed and that verifies its user: by itself two factors. */
export const askToMake = (
  person: { id: string; email: string; name: string },
  known: readonly KnownPasskey[],
) =>
  generateRegistrationOptions({
    rpName: 'Sallyport',
    rpID: relyingParty().id,
    userName: person.email,
    userDisplayName: person.name,
    userID: new Uint8Array(Buffer.from(person.id)),
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId, transports }) => ({
      id: idOf(credentialId),
      transports,
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });

/** With no passkeys named, the browser offers whichever it holds for this console. */
export const askToShow = (known: readonly KnownPasskey[] = []) =>
  generateAuthenticationOptions({
    rpID: relyingParty().id,
    userVerification: 'required',
    allowCredentials: known.map(({ credentialId, transports }) => ({
      id: idOf(credentialId),
      transports,
    })),
  });

export type CheckedPasskey = {
  credentialId: Uint8Array<ArrayBuffer>;
  publicKey: Uint8Array<ArrayBuffer>;
  counter: bigint;
  transports: string[];
  isSynced: boolean;
};

/** The passkey that was made for this challenge at this console; null for anything else. */
export async function checkMade(
  made: MadePasskey,
  challenge: string,
): Promise<CheckedPasskey | null> {
  const { origin, id } = relyingParty();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      // Bounded above; what the library does not know it passes over.
      response: made as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
    });
    if (!verified) return null;
    const { credential, credentialBackedUp } = registrationInfo;
    return {
      credentialId: new Uint8Array(Buffer.from(credential.id, 'base64url')),
      publicKey: new Uint8Array(credential.publicKey),
      counter: BigInt(credential.counter),
      transports: made.response.transports ?? [],
      isSynced: credentialBackedUp,
    };
  } catch {
    return null;
  }
}

/**
 * The counter that comes with a signature of this key over this challenge at this console; null for anything else, and
 * for a counter that does not go on, which two copies of one key betray (§6.1.1).
 */
export async function checkShown(
  shown: ShownPasskey,
  key: { credentialId: Uint8Array; publicKey: Uint8Array; counter: bigint },
  challenge: string,
): Promise<bigint | null> {
  const { origin, id } = relyingParty();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: shown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      credential: {
        id: idOf(key.credentialId),
        publicKey: new Uint8Array(key.publicKey),
        counter: Number(key.counter),
      },
    });
    return verified ? BigInt(authenticationInfo.newCounter) : null;
  } catch {
    return null;
  }
}
