import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { shownCertificate } from './read-authorities';
import type { AnchorPreview, ReadAnchor, ShownKey } from './schema';

/** What a page shows of it before it is believed, and after. */
export const anchorPreview = ({
  certificates,
  jwtKeys,
  sequence,
  notes,
}: ReadAnchor): AnchorPreview => ({
  certificates: certificates.map(({ shown }) => shown),
  keys: jwtKeys.map(shownKey),
  sequence,
  notes,
});

/** What an entry tells: which certificates and keys, never more. */
export const digestsOf = ({ certificates, jwtKeys, sequence }: ReadAnchor) => ({
  certificates: certificates.map(({ shown }) => shown.fingerprint).sort(),
  keys: jwtKeys.map(({ kid = '' }) => kid).sort(),
  ...(sequence === null ? {} : { sequence }),
});

const Keys = z.array(z.record(z.string(), z.string()));

/** The same of what is stored, which was read once. */
export function storedRead({
  certificates,
  jwtKeys,
  sequence,
  refreshHintSeconds,
}: {
  certificates: Uint8Array[];
  jwtKeys: unknown;
  sequence: bigint | null;
  refreshHintSeconds: number | null;
}): ReadAnchor {
  return {
    certificates: certificates.map((der) => ({
      der: new Uint8Array(der),
      shown: shownCertificate(new X509Certificate(der)),
    })),
    jwtKeys: Keys.parse(jwtKeys),
    sequence: sequence === null ? null : Number(sequence),
    refreshHintSeconds,
    notes: [],
  };
}

const shownKey = ({ kid = '', kty = '', crv }: Record<string, string>): ShownKey => ({
  kid,
  what: crv === undefined ? kty : `${kty} ${crv}`,
});
