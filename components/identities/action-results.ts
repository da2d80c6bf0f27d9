import type { Acted } from '@/lib/core/result';
import type { ImportReport } from '@/lib/identities/import/schema';

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

export type ImportResult = Acted<ImportReport>;
export type ImportAction = (last: ImportResult | null, form: FormData) => Promise<ImportResult>;
