import type { KeyObject } from 'node:crypto';

/** A longer key, or exponent, would make each check of a signature cost what an attacker likes. */
export const rsaBits = { min: 2_048, max: 8_192 } as const;
const exponentMin = 65_537n;
const exponentBits = 64n;

export const isExponentBounded = ({ asymmetricKeyDetails }: KeyObject): boolean =>
  (asymmetricKeyDetails?.publicExponent ?? 0n) < 2n ** exponentBits;

/** 65537 or a larger odd number, within the bound. */
export function isExponentFit(key: KeyObject): boolean {
  const { publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  return publicExponent >= exponentMin && publicExponent % 2n === 1n && isExponentBounded(key);
}

export function isLengthFit({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0 } = asymmetricKeyDetails ?? {};
  return modulusLength >= rsaBits.min && modulusLength <= rsaBits.max;
}
