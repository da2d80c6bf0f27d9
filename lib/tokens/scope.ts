import type { ReadScope } from '@/lib/auth/scope';

/**
 * The right to read as a machine that manages: all activity, facts and digests, and nobody's content, whatever its
 * scopes say. Only the gateway asks for it, once it has checked the key that a request carries.
 */
export function mintKeyScope(keyId: string): ReadScope {
  // The brand exists only for the compiler. `person` names nobody, so that nothing is taken for a person's own.
  return Object.freeze({
    person: `api_key:${keyId}`,
    roles: Object.freeze([]),
    sees: 'all',
    content: Object.freeze({ read: Object.freeze([]), export: Object.freeze([]) }),
  }) as unknown as ReadScope;
}
