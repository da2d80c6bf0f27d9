import { foldName } from './fold-name';
import type { Declared, ShadowActor } from './schema';

/** The words that would attribute an actor, if an identity had them among its names. */
export const declaredNames = ({ declaredName, declaredId, service }: Declared): string[] => {
  const own = [declaredName, declaredId].filter((name) => name !== null);
  return own.length > 0 ? own : service === null ? [] : [service];
};

/** Tells whether an actor uses a registered identity's name, or one that people may take for it. */
export function resemblanceAmong(
  identities: readonly { name: string; names: readonly string[] }[],
): (declared: Declared) => ShadowActor['resembles'] {
  const byName = new Map<string, string>();
  const byLook = new Map<string, string>();
  for (const { name, names } of identities) {
    for (const each of [name, ...names]) {
      byName.set(each, name);
      byLook.set(foldName(each), name);
    }
  }
  byLook.delete('');
  return (declared) => {
    const words = declaredNames(declared);
    const same = words.flatMap((word) => byName.get(word) ?? [])[0];
    if (same !== undefined) return { name: same, how: 'same' };
    const alike = words.flatMap((word) => byLook.get(foldName(word)) ?? [])[0];
    return alike === undefined ? null : { name: alike, how: 'alike' };
  };
}

/** A name that may be registered, made of what was declared; empty where that would leave letters out. */
export function nameFor(declared: Declared): string {
  const plain = (declaredNames(declared)[0] ?? '').normalize('NFKC');
  if (/(?![a-zA-Z])\p{L}/u.test(plain)) return '';
  return plain
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+|-+$/g, '')
    .slice(0, 63);
}
