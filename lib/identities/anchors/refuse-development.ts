import { X509Certificate } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { ReadAnchor } from './schema';

/**
 * Throws `invalid_input` where a certificate has the key of a development authority, present or former: believed by any
 * other name, what it issues would be taken outside development.
 */
export async function refuseDevelopment(
  tx: Transaction,
  { certificates }: Pick<ReadAnchor, 'certificates'>,
): Promise<void> {
  const authorities = await tx.trustAnchor.findMany({
    where: { kind: 'development' },
    select: { certificates: true },
  });
  const keys = new Set(authorities.flatMap((each) => each.certificates.map(keyOf)));
  if (certificates.some(({ der }) => keys.has(keyOf(der))))
    throw new AppError(
      'invalid_input',
      'This is the certificate of the development authority, which is taken in zones of development only and added nowhere else. Upload that of another authority.',
    );
}

const keyOf = (der: Uint8Array): string =>
  new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
