import type { Page } from '@playwright/test';

/** Gives this page's browser an authenticator that holds passkeys and verifies its user (WebAuthn, level 3, §11). */
export async function addAuthenticator(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const use = { authenticatorId };
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', use)).credentials,
    /** From now on its user fails to verify: a finger that is not known. */
    failVerification: () =>
      session.send('WebAuthn.setUserVerified', { ...use, isUserVerified: false }),
  };
}
