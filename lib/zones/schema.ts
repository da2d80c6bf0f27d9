import { z } from 'zod';
import { Reason } from '@/lib/people/reason';
import { LineName } from '@/lib/people/schema';

export const zoneKinds = ['workload', 'data', 'tools', 'external'] as const;
export type ZoneKind = (typeof zoneKinds)[number];

export const zoneEnvironments = ['production', 'staging', 'test', 'development'] as const;
export type ZoneEnvironment = (typeof zoneEnvironments)[number];

export const zonesMax = 200;

const fields = {
  name: LineName,
  kind: z.enum(zoneKinds, `A kind is one of ${zoneKinds.join(', ')}.`),
  environment: z.enum(zoneEnvironments, `An environment is one of ${zoneEnvironments.join(', ')}.`),
  purpose: z
    .string()
    .trim()
    .max(1000, 'A purpose has 1,000 characters at most.')
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'A purpose is one line of text.')
    .default(''),
  reason: Reason,
};

export const CreateZone = z.strictObject(fields);
export type CreateZone = z.input<typeof CreateZone>;

/** `seenAt`: of the version that was looked at, so that nobody overwrites what they have not seen. */
const Seen = { id: z.guid(), seenAt: z.iso.datetime() };
export const ChangeZone = z.strictObject({ ...fields, ...Seen });
export type ChangeZone = z.input<typeof ChangeZone>;
export const RemoveZone = z.strictObject({ ...Seen, reason: Reason });
export type RemoveZone = z.input<typeof RemoveZone>;

export type Zone = {
  id: string;
  name: string;
  kind: ZoneKind;
  environment: ZoneEnvironment;
  purpose: string;
  changedAt: Date;
  /** How many of those within reach live in it, the decommissioned aside. */
  identities: number;
  /** Registered ones, whoever uses them. */
  resources: number;
};
