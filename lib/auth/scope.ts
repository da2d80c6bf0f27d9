import type { Person, Role } from '@/lib/people/schema';

declare const minted: unique symbol;

/**
 * The right to read as one signed-in person. Reads take it as an argument; only this folder makes it, so
 * a read that nobody authorized does not compile.
 */
export type ReadScope = {
  readonly person: string;
  readonly roles: readonly Role[];
  readonly [minted]: true;
};

/** Who acts, as mutations record it. */
export type Ctx = {
  readonly actor: { readonly kind: 'person'; readonly id: string; readonly roles: readonly Role[] };
};

export const mintScope = ({ id, roles }: Person): ReadScope =>
  // The brand exists only for the compiler.
  Object.freeze({ person: id, roles: Object.freeze([...roles]) }) as unknown as ReadScope;

export const ctxOf = ({ id, roles }: Person): Ctx => ({ actor: { kind: 'person', id, roles } });
