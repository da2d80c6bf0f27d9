import { z } from 'zod';
import { isBreached } from './breached';
import { passwordMax } from './schema';

const passwordMin = 12;

/**
 * Long enough, and neither known from breaches nor what a guesser tries first. No rules of composition (NIST SP 800-63B
 * §3.1.1.2).
 */
export const NewPassword = z
  .string()
  .min(passwordMin, `Use ${passwordMin} characters or more.`)
  .max(passwordMax, `Use ${passwordMax} characters at most.`)
  .refine((password) => !isTrivial(password), 'That is among the first guesses. Choose another.')
  .refine(
    (password) => !isBreached(password),
    'That is known from breaches of other sites. Choose another.',
  );

const trivialStems = [
  'password',
  'passwort',
  'passphrase',
  'letmein',
  'welcome',
  'administrator',
  'admin',
  'sallyport',
  'changeme',
  'secret',
  'qwertyuiop',
  'qwertyui',
  'qwerty',
  'qwertz',
  'asdfghjkl',
  'zxcvbnm',
  'iloveyou',
  'abcdefghijkl',
  'abc',
  'monkey',
  'dragon',
  'test',
  'root',
];

const runs = '01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm';

/** A common word and some digits, one short piece repeated, or a run of neighbouring keys. */
function isTrivial(password: string): boolean {
  if (new Set(password).size < 5) return true;
  if (/^(.{1,6})\1+.{0,5}$/s.test(password)) return true;
  if (runs.includes(password.toLowerCase())) return true;
  const lower = password.toLowerCase().replace(/^[^a-z@$]+|[^a-z@$]+$/g, '');
  return [lower, lower.replace(/[@0$13]/g, (sign) => letterBySign[sign] ?? '')].some((text) => {
    const letters = text.replace(/[^a-z]/g, '');
    return trivialStems.some((stem) => letters.replaceAll(stem, '') === '');
  });
}

const letterBySign: Record<string, string> = { '@': 'a', '0': 'o', $: 's', '1': 'i', '3': 'e' };
