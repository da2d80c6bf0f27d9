import type { Config } from '@/lib/core/config';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient } from '@/lib/db/prisma';
import type { PersonActor } from './actor';

/** Who changes whom: always a person who is signed in. */
export type PeopleCtx = {
  readonly actor: PersonActor;
  readonly db: PrismaClient;
  readonly now: Date;
  /** This process's own, unless told. */
  readonly kek?: KeyEncryptionKey;
  readonly settings?: Config;
};
