import type { Config } from '@/lib/core/config';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient } from '@/lib/db/prisma';
import type { PersonActor } from './actor';

/** `countsFactors`: whether its word on a second factor counts. */
export type PeopleSso = { readonly issuer: string; readonly countsFactors: boolean };

/** Who changes whom: always a person who is signed in. */
export type PeopleCtx = {
  readonly actor: PersonActor;
  readonly db: PrismaClient;
  readonly now: Date;
  /** The organisation's own sign-in; null where it is not set up. */
  readonly sso: PeopleSso | null;
  /** This process's own, unless told. */
  readonly kek?: KeyEncryptionKey;
  readonly settings?: Config;
};
