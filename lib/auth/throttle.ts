const hourMs = 3_600_000;
const slow = { firstDelayMs: 30_000, delayMaxMs: hourMs / 4, forgottenAfterMs: 24 * hourMs };

/** What wrong proofs are counted for, how many cost nothing, and how the delay grows after those. */
export const throttleRules = {
  accountAtAddress: { freeFailures: 5, ...slow },
  // Many people may share an address: an office, a proxy.
  address: { freeFailures: 20, ...slow },
  // From wherever they come. It never grows, and does not hold where the person signed in before: strangers slow a
  // person down in new places only, where a passkey opens at once.
  account: {
    freeFailures: 100,
    firstDelayMs: 30_000,
    delayMaxMs: 30_000,
    forgottenAfterMs: hourMs,
  },
  // Codes are short and asked for after the password: whoever guesses them holds that already.
  factorAtAddress: { freeFailures: 5, ...slow },
  factor: { freeFailures: 20, ...slow },
} as const;
export type ThrottleKind = keyof typeof throttleRules;

/** How long the next try must wait after so many failures: nothing, then doubling up to the kind's bound. */
export function delayMsAfter(kind: ThrottleKind, failures: number): number {
  const { freeFailures, firstDelayMs, delayMaxMs } = throttleRules[kind];
  const beyond = failures - freeFailures;
  if (beyond < 0) return 0;
  return Math.min(delayMaxMs, firstDelayMs * 2 ** Math.min(beyond, 10));
}

/** When to come back, in words. It is the same for accounts that do not exist. */
export function waitSentence(seconds: number, what: 'passwords' | 'codes' = 'passwords'): string {
  const wait =
    seconds < 90
      ? `${Math.max(1, Math.ceil(seconds))} seconds`
      : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many wrong ${what}. Try again in ${wait}.`;
}

export const wrongSentence = 'E-mail or password is wrong. Check both.';
export const wrongCodeSentence =
  'That code is not right, or was used before. Wait for the next one.';
export const wrongPasskeySentence = 'That passkey does not open this console. Try another way.';
export const lapsedSentence = 'That took too long. Begin again.';
export const comesBySsoSentence = 'Your account signs in by single sign-on. Use that.';
