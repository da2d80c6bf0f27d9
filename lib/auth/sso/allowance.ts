type Rule = { burst: number; perSecond: number };

/** How many addresses are told apart; beyond, those that asked longest ago are forgotten. */
const addressesMax = 10_000;

/**
 * Lets each address ask so often at once and so often a second after that, within this process: what costs a signature
 * check or a request to the issuer must not be asked without end by whoever is not signed in.
 */
export function createAllowance({ burst, perSecond }: Rule) {
  const left = new Map<string, { tokens: number; at: number }>();
  return {
    take(address: string, now: Date): boolean {
      const at = now.getTime();
      const before = left.get(address) ?? { tokens: burst, at };
      const gained = (Math.max(0, at - before.at) / 1000) * perSecond;
      const tokens = Math.min(burst, before.tokens + gained);
      // Set anew, so that the map's order is that of asking.
      left.delete(address);
      left.set(address, { tokens: tokens < 1 ? tokens : tokens - 1, at });
      const [oldest] = left.keys();
      if (left.size > addressesMax && oldest !== undefined) left.delete(oldest);
      return tokens >= 1;
    },
  };
}

export type Allowance = ReturnType<typeof createAllowance>;
