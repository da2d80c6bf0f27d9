import { z } from 'zod';

export const identityKinds = ['agent', 'daemon', 'service', 'external_api'] as const;
export type IdentityKind = (typeof identityKinds)[number];

export const identityStates = ['proposed', 'active', 'suspended', 'decommissioned'] as const;
export type IdentityState = (typeof identityStates)[number];

/** A name that people and machines can type and that cannot be mistaken for another by invisible characters. */
export const IdentityName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/,
    'A name has 1 to 63 letters, digits, dots, dashes or underscores, and starts with a letter or digit.',
  );
