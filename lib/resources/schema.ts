import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';
import { classifications, sideEffects, trusts } from './words';

/** As long as telemetry takes names; see lib/telemetry/forms.ts. */
const nameMax = 512;
export const namesMax = 50;
export const tagsMax = 50;
export const hostNamesMax = 50;
export const bulkMax = 100;
export const typesMax = 50;
/** Of machines, that wait for a person. */
export const proposalsMax = 500;

export const TypeName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,39}$/,
    'A type has 1 to 40 small letters, digits or underscores, and starts with a letter.',
  );

/**
 * Exactly as senders write it, or it means nothing in telemetry: what cannot be seen in it is shown as what it is, and
 * not refused.
 */
export const ResourceName = z
  .string()
  .min(1, 'A name is not empty.')
  .max(nameMax, `A name has ${nameMax} characters at most.`)
  .refine((name) => name.isWellFormed() && !name.includes('\0'), 'A name is text.');

const Tag = z
  .string()
  .trim()
  .min(1, 'A tag is not empty.')
  .max(60, 'A tag has 60 characters at most.')
  .regex(singleLine, 'A tag is one line of visible characters.');

/** In lower case and ASCII, as they are asked of the DNS; an address counts as one. */
const HostName = z
  .string()
  .trim()
  .max(253, 'A host name has 253 characters at most.')
  .transform((text, ctx) => {
    if (isIP(text) !== 0) return text.toLowerCase();
    const folded = domainToASCII(text.replace(/\.$/, ''));
    if (/^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/.test(folded)) return folded;
    ctx.addIssue({
      code: 'custom',
      message: `“${text.slice(0, 80)}” is no host name. Write the name alone, as api.example.com: no scheme, port or path.`,
    });
    return z.NEVER;
  });

const distinct = <Item>(items: Item[]): Item[] => [...new Set(items)];

/** What is said of a resource. Null is that nobody says so, which counts as the worst. */
export const ResourceAttributes = z.strictObject({
  ownerId: z.guid('Choose a person.').nullable().default(null),
  teamId: z.guid('Choose a team.').nullable().default(null),
  zoneId: z.guid('Choose a zone.').nullable().default(null),
  purpose: z
    .string()
    .trim()
    .max(1000, 'A purpose has 1,000 characters at most.')
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'A purpose is one line of text.')
    .default(''),
  tags: z
    .array(Tag)
    .max(tagsMax, `A resource has ${tagsMax} tags at most.`)
    .transform(distinct)
    .default([]),
  classification: z
    .enum(classifications, `A classification is one of ${classifications.join(', ')}.`)
    .nullable()
    .default(null),
  trust: z
    .enum(trusts, `Trust is one of ${trusts.join(', ')}.`)
    .nullable()
    .default(null),
  sideEffect: z
    .enum(sideEffects, `A side effect is one of ${sideEffects.join(', ')}.`)
    .nullable()
    .default(null),
  hostNames: z
    .array(HostName)
    .max(hostNamesMax, `A resource has ${hostNamesMax} host names at most.`)
    .transform(distinct)
    .default([]),
});
export type ResourceAttributes = z.output<typeof ResourceAttributes>;

const names = z
  .array(ResourceName)
  .max(namesMax, `A resource has ${namesMax} further names at most.`)
  .transform(distinct)
  .default([]);

export const RegisterResource = z.strictObject({
  kind: TypeName,
  name: ResourceName,
  names,
  attributes: ResourceAttributes,
  reason: Reason,
});
export type RegisterResource = z.input<typeof RegisterResource>;

/** One that was seen or proposed, by its id: a name may hold what no form posts as it is. */
export const RegisterKnown = z.strictObject({
  id: z.guid(),
  names,
  attributes: ResourceAttributes,
  reason: Reason,
});
export type RegisterKnown = z.input<typeof RegisterKnown>;

export const RegisterResources = z.strictObject({
  ids: z
    .array(z.guid())
    .min(1, 'Choose one resource at least.')
    .max(bulkMax, `${bulkMax} resources at most are registered at once.`)
    .transform(distinct),
  attributes: ResourceAttributes,
  reason: Reason,
});
export type RegisterResources = z.input<typeof RegisterResources>;

/** `revision`: the one that was looked at, so that nobody overwrites what they have not seen. */
const Seen = { id: z.guid(), revision: z.number().int().min(0), reason: Reason };
export const ChangeResource = z.strictObject({ ...Seen, names, attributes: ResourceAttributes });
export type ChangeResource = z.input<typeof ChangeResource>;
export const RetireResource = z.strictObject(Seen);
export type RetireResource = z.input<typeof RetireResource>;

export const ProposeResource = z.strictObject({
  kind: TypeName,
  name: ResourceName,
  attributes: ResourceAttributes,
  reason: Reason,
});
export type ProposeResource = z.input<typeof ProposeResource>;

/** For one that is known, by its id: a name may hold what no form posts as it is. */
export const ProposeKnown = z.strictObject({
  id: z.guid(),
  attributes: ResourceAttributes,
  reason: Reason,
});
export type ProposeKnown = z.input<typeof ProposeKnown>;

export const DismissProposal = z.strictObject({ id: z.guid(), reason: Reason });
export type DismissProposal = z.input<typeof DismissProposal>;

export const CreateType = z.strictObject({
  name: TypeName,
  label: z
    .string()
    .trim()
    .min(1, 'Say what it is called.')
    .max(80, 'What it is called has 80 characters at most.')
    .regex(singleLine, 'What it is called is one line of visible characters.'),
  reason: Reason,
});
export type CreateType = z.input<typeof CreateType>;
export const RemoveType = z.strictObject({ name: TypeName, reason: Reason });
export type RemoveType = z.input<typeof RemoveType>;

/** What a version keeps. */
export type Registered = ResourceAttributes & { names: string[]; state: 'registered' | 'retired' };
