import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { MadePasskey, ShownPasskey } from '@/lib/auth/factor/schema';

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

const userPresent = 0x01;
const userVerified = 0x04;
const attested = 0x40;

type Asked = { challenge: string; origin: string; rpId: string };

/**
 * An authenticator in software (Web Authentication, level 3, §6): one ES256 key, which signs whatever it is told about
 * its origin, counter and user, also what is not true.
 */
export function softAuthenticator() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  // COSE_Key (RFC 9053 §7.1): kty EC2, alg ES256, crv P-256.
  const cose = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]),
  );

  const dataOf = (rpId: string, counter: number, flags: number, rest: Uint8Array[] = []) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, ...rest]);
  };
  const clientData = (type: string, { challenge, origin }: Asked) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const common = { id: base64url(id), rawId: base64url(id), type: 'public-key' } as const;

  return {
    make(asked: Asked): MadePasskey {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const authData = dataOf(asked.rpId, 0, userPresent | userVerified | attested, [
        Buffer.alloc(16),
        length,
        id,
        cose,
      ]);
      const attestationObject = isoCBOR.encode(
        new Map<string, string | Map<never, never> | Uint8Array>([
          ['fmt', 'none'],
          ['attStmt', new Map<never, never>()],
          ['authData', new Uint8Array(authData)],
        ]),
      );
      return {
        ...common,
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', asked)),
          attestationObject: base64url(attestationObject),
          transports: ['internal'],
        },
      };
    },
    show(
      asked: Asked,
      {
        counter,
        person,
        isVerified = true,
      }: { counter: number; person?: string; isVerified?: boolean },
    ): ShownPasskey {
      const flags = userPresent | (isVerified ? userVerified : 0);
      const authenticatorData = dataOf(asked.rpId, counter, flags);
      const client = clientData('webauthn.get', asked);
      const signature = sign(
        'sha256',
        Buffer.concat([authenticatorData, sha256(client)]),
        privateKey,
      );
      return {
        ...common,
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(authenticatorData),
          signature: base64url(signature),
          ...(person === undefined ? {} : { userHandle: base64url(Buffer.from(person)) }),
        },
      };
    },
  };
}
