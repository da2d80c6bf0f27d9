import { z } from 'zod';
import { Reason } from '../reason';
import { LineName } from '../schema';
import { formatBlock, parseBlock } from './cidr';

export const networksMax = 50;
export const cidrsMax = 50;

/** Normalised: `10.1.2.3/8` is `10.0.0.0/8`. */
const Cidr = z
  .string()
  .max(64, 'A block of addresses has 64 characters at most.')
  .transform((text, ctx) => {
    const block = parseBlock(text);
    if (block !== null) return formatBlock(block);
    ctx.addIssue({
      code: 'custom',
      message: `“${text.slice(0, 64)}” is neither an address nor a block. Write 10.0.0.0/8 or 2001:db8::/32.`,
    });
    return z.NEVER;
  });

const fields = {
  name: LineName,
  cidrs: z
    .array(Cidr)
    .min(1, 'Name one block of addresses at least.')
    .max(cidrsMax, `A network has ${cidrsMax} blocks at most.`)
    .transform((cidrs) => [...new Set(cidrs)]),
  reason: Reason,
};

export const NameNetwork = z.strictObject(fields);
export type NameNetwork = z.input<typeof NameNetwork>;

/** `seenAt`: of the version that was looked at, so that nobody overwrites what they have not seen. */
const Seen = { id: z.guid(), seenAt: z.iso.datetime() };
export const ChangeNetwork = z.strictObject({ ...fields, ...Seen });
export type ChangeNetwork = z.input<typeof ChangeNetwork>;
export const RemoveNetwork = z.strictObject({ ...Seen, reason: Reason });
export type RemoveNetwork = z.input<typeof RemoveNetwork>;

export type Network = {
  id: string;
  name: string;
  cidrs: readonly string[];
  changedAt: Date;
};
