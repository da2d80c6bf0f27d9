import type { Interaction } from '@/lib/telemetry/schema';
import type { SetPrice } from './schema';

type Used = Pick<
  Interaction,
  | 'kind'
  | 'provider'
  | 'model'
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
>;

/** What a call costs by the organisation's prices; null where a price or a number of tokens is not known. */
export type CostOf = (used: Used) => number | null;

/**
 * Prices made ready to be asked for each call. A price for the provider goes before one for any; a name in
 * full before a beginning, and a longer beginning before a shorter.
 */
export function costBy(prices: readonly SetPrice[]): CostOf {
  const whole = new Map<string, SetPrice>();
  const beginnings: { provider: string; start: string; price: SetPrice }[] = [];
  for (const price of prices) {
    const { provider, model } = price;
    if (model.endsWith('*')) beginnings.push({ provider, start: model.slice(0, -1), price });
    else whole.set(`${provider}\0${model}`, price);
  }
  beginnings.sort((a, b) => b.start.length - a.start.length);
  const priceOf = (provider: string, model: string) =>
    whole.get(`${provider}\0${model}`) ??
    beginnings.find((each) => each.provider === provider && model.startsWith(each.start))?.price;
  return (used) => {
    const { kind, provider, model } = used;
    if (prices.length === 0 || model === null) return null;
    if (kind !== 'inference' && kind !== 'embedding') return null;
    const price = (provider === null ? undefined : priceOf(provider, model)) ?? priceOf('', model);
    return price === undefined ? null : amountOf(price, used);
  };
}

/** Input includes what was cached. What an embedding answers are no tokens. */
function amountOf(price: SetPrice, used: Used): number | null {
  const { inputTokens: input, outputTokens } = used;
  const output = outputTokens ?? (used.kind === 'embedding' ? 0 : null);
  if (input === null || output === null) return null;
  const read = Math.min(used.cacheReadTokens ?? 0, input);
  const written = Math.min(used.cacheWriteTokens ?? 0, input - read);
  const dollars =
    (input - read - written) * price.inputPerMillion +
    read * (price.cacheReadPerMillion ?? price.inputPerMillion) +
    written * (price.cacheWritePerMillion ?? price.inputPerMillion) +
    output * price.outputPerMillion;
  return dollars / 1e6;
}
