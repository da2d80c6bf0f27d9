import type { Acted } from '@/lib/core/result';

/** What came of an act on an identity, in a sentence. */
export type IdentityResult = Acted<string>;
export type IdentityAction = (
  last: IdentityResult | null,
  form: FormData,
) => Promise<IdentityResult>;

/** A new identity; its key is shown this once. */
export type NewIdentity = { id: string; name: string; ingestKey: string | null };
export type NewIdentityResult = Acted<NewIdentity>;
export type NewIdentityAction = (
  last: NewIdentityResult | null,
  form: FormData,
) => Promise<NewIdentityResult>;
