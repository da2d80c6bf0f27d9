/** Wrong passwords that cost nothing but the count, by what they are counted for. */
export const freeFailures = {
  account: 5,
  // Many people may share an address: an office, a proxy.
  address: 20,
} as const;
export type ThrottleKind = keyof typeof freeFailures;

const firstDelayMs = 30_000;
export const delayMaxMs = 15 * 60_000;
/** After this long without a failure the count starts again. */
export const forgottenAfterMs = 24 * 60 * 60_000;

/** How long the next try must wait after so many failures: nothing, then 30 s doubling to 15 min. */
export function delayMsAfter(kind: ThrottleKind, failures: number): number {
  const beyond = failures - freeFailures[kind];
  if (beyond < 0) return 0;
  return Math.min(delayMaxMs, firstDelayMs * 2 ** Math.min(beyond, 10));
}

/** When to come back, in words. It is the same for accounts that do not exist. */
export function waitSentence(seconds: number): string {
  const wait =
    seconds < 90
      ? `${Math.max(1, Math.ceil(seconds))} seconds`
      : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many wrong passwords. Try again in ${wait}.`;
}

export const wrongSentence = 'E-mail or password is wrong. Check both.';
