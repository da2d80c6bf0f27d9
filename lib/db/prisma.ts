import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';
import { connectionConfig, databaseUrl, type PoolOptions } from './pool';

export { Prisma, type PrismaClient } from './generated/client';

/** What a mutation may be given: the client itself, or the transaction it runs in. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

export function createPrisma(url: string, options: PoolOptions): PrismaClient {
  // Prisma reads int8 by itself; a parser of ours would hand it BigInts where it expects text.
  const { types: _, ...connection } = connectionConfig(url, options);
  return new PrismaClient({ adapter: new PrismaPg(connection) });
}

const shared = globalThis as typeof globalThis & { sallyportPrisma?: PrismaClient };

/** The console's client, made at first use. */
export function prisma(): PrismaClient {
  shared.sallyportPrisma ??= createPrisma(databaseUrl(), { applicationName: 'console', max: 10 });
  return shared.sallyportPrisma;
}
