import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { singleLine } from '@/lib/core/single-line';

const name = (what: string) =>
  z
    .string()
    .trim()
    .max(256, `${what} has 256 characters at most.`)
    .refine(
      (text) => text === '' || singleLine.test(text),
      `${what} is one line of visible characters.`,
    );

const amount = (what: string) =>
  z
    .number(`${what} is a number of US dollars.`)
    .min(0, `${what} is not negative.`)
    .max(1_000_000, `${what} is a million dollars at most.`);

/** US dollars a million tokens. Cached tokens whose price is not said cost what other input does. */
export const SetPrice = z.object({
  /** Empty: whoever provides it. */
  provider: name('A provider'),
  /** As telemetry names it; an asterisk at the end stands for any ending. */
  model: name('A model').min(1, 'Name the model.'),
  inputPerMillion: amount('The price of input'),
  outputPerMillion: amount('The price of output'),
  cacheReadPerMillion: amount('The price of a cache read').nullable(),
  cacheWritePerMillion: amount('The price of a cache write').nullable(),
});
export type SetPrice = z.infer<typeof SetPrice>;

export type Price = SetPrice & { id: string; setAt: Date };

export const pricesMax = 1000;

/** Of setting or removing one: what is to be said of it. */
export type PriceResult = Acted<string>;
export type PriceAction = (last: PriceResult | null, form: FormData) => Promise<PriceResult>;
