'use client';

import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { MadePasskey, ShownPasskey } from '@/lib/auth/factor/schema';

/** What the browser would not do, in a sentence for whoever sits before it. */
export class NotShown extends Error {}

// Loaded when it is needed: most pages never ask for a passkey.
const library = () => import('@simplewebauthn/browser');

/** Has the browser sign by one of its passkeys. Throws NotShown. */
export async function showPasskey(
  optionsJSON: PublicKeyCredentialRequestOptionsJSON,
): Promise<ShownPasskey> {
  const { startAuthentication } = await library();
  try {
    // What it answers is parsed where it arrives.
    return (await startAuthentication({ optionsJSON })) as ShownPasskey;
  } catch {
    throw new NotShown('No passkey was shown. Try again, or another way.');
  }
}

/** Has the browser make a passkey. Throws NotShown. */
export async function makePasskey(
  optionsJSON: PublicKeyCredentialCreationOptionsJSON,
): Promise<MadePasskey> {
  const { startRegistration } = await library();
  try {
    return (await startRegistration({ optionsJSON })) as MadePasskey;
  } catch (error) {
    const isKnown = error instanceof Error && error.name === 'InvalidStateError';
    throw new NotShown(
      isKnown
        ? 'This device holds a passkey for you already.'
        : 'No passkey was made. Try again, or use an authenticator app.',
    );
  }
}
