import { timingSafeEqual } from 'node:crypto';
import { secretHash } from '@/lib/core/secrets';

export const setupCodeBytes = 16;
export const setupCodeLivesMs = 30 * 60_000;
export const wrongTriesMax = 5;

/** 128 bits as eight groups of four: `1F0A-…`. */
export const formatSetupCode = (random: Uint8Array): string =>
  (Buffer.from(random).toString('hex').toUpperCase().match(/.{4}/g) ?? []).join('-');

/** What a person typed, as it was shown: case, spaces and dashes do not count. */
const normaliseSetupCode = (typed: string): string =>
  (
    typed
      .toUpperCase()
      .replace(/[^0-9A-F]/g, '')
      .match(/.{1,4}/g) ?? []
  ).join('-');

export const setupCodeHash = (code: string): Buffer => secretHash(code);

/** Takes the same time wherever the codes differ. */
export const isSetupCode = (typed: string, hash: Uint8Array): boolean =>
  timingSafeEqual(setupCodeHash(normaliseSetupCode(typed)), hash);
