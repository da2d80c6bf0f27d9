import os from 'node:os';
import { databaseUrl } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';

/** Runs `work` as whoever sits at this terminal, with the login of DATABASE_URL. */
export async function asOperator<Value>(
  work: (operator: {
    db: PrismaClient;
    actor: { kind: 'operator'; name: string };
  }) => Promise<Value>,
): Promise<Value> {
  const db = createPrisma(databaseUrl(), { applicationName: 'operator', max: 2 });
  try {
    return await work({ db, actor: { kind: 'operator', name: operatorName() } });
  } finally {
    await db.$disconnect();
  }
}

/** The operating system vouches for it, nobody else. */
export function operatorName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
