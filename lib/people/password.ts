import { type Algorithm, hash, verify } from '@node-rs/argon2';

/** Argon2id with 19 MiB and two passes: OWASP's Password Storage Cheat Sheet. */
const parameters = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};

export const hashPassword = (password: string): Promise<string> => hash(password, parameters);

let dummy: Promise<string> | undefined;

/**
 * Whether the password is the one hashed. Without a hash (nobody has that e-mail) it takes as long and
 * says no, so that time does not tell which accounts exist.
 */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  dummy ??= hashPassword('no account has this password');
  const matches = await verify(stored ?? (await dummy), password);
  return matches && stored !== null;
}
