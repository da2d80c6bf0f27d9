import { lookAlike } from './fold-name';
import type { Declared, ShadowActor } from './schema';

/** The words that would attribute an actor, if an identity had them among its names. */
export const declaredNames = ({ declaredName, declaredId, service }: Declared): string[] => {
  const own = [declaredName, declaredId].filter((name) => name !== null);
  return own.length > 0 ? own : service === null ? [] : [service];
};

/** Whether an actor uses a registered identity's name, or one that people may take for it. */
export function resemblance(
  declared: Declared,
  identities: readonly { name: string; names: readonly string[] }[],
): ShadowActor['resembles'] {
  const words = declaredNames(declared);
  for (const { name, names } of identities) {
    if (words.some((word) => word === name || names.includes(word))) return { name, how: 'same' };
  }
  for (const { name, names } of identities) {
    if (words.some((word) => lookAlike(word, [name, ...names]) !== null))
      return { name, how: 'alike' };
  }
  return null;
}

/** A name that may be registered, made of what was declared; empty where nothing of it may stay. */
export const nameFor = (declared: Declared): string =>
  (declaredNames(declared)[0] ?? '')
    .normalize('NFKC')
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+|-+$/g, '')
    .slice(0, 63);
