import type { ReadScope } from '@/lib/auth/scope';

/** All of a scope but its brand, which exists only for the compiler. */
type Unbranded = { [Name in Exclude<keyof ReadScope, symbol>]: ReadScope[Name] };

/**
 * The right to read as a machine that manages: all activity, facts and digests, and nobody's content, whatever its
 * scopes say. Only the gateway asks for it, once it has checked the key that a request carries.
 */
export function mintKeyScope(keyId: string, address: string): ReadScope {
  const by = `api_key:${keyId}`;
  const scope: Unbranded = {
    // Names nobody, so that nothing is taken for a person's own.
    person: by,
    who: Object.freeze({ by, address }),
    roles: Object.freeze([]),
    sees: 'all',
    content: Object.freeze({ read: Object.freeze([]), export: Object.freeze([]) }),
  };
  return Object.freeze(scope) as ReadScope;
}
