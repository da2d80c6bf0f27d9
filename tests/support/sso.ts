import type { SsoPerson } from '@/lib/auth/sso/claims';
import { type SsoAttempt, signInBySso } from '@/lib/auth/sso/mutations';
import { parseSsoSettings, type SsoSettings } from '@/lib/auth/sso/settings';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { createPrisma } from '@/lib/db/prisma';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { createTestDatabase } from './database';
import { forgetIdentities } from './forget-identities';

export const issuer = 'https://login.example.com';
export const email = 'ada@example.org';
export const now = new Date('2026-11-30T09:00:00Z');
export const after = (ms: number) => new Date(now.getTime() + ms);

/** Of an issuer whose group `soc` is analysts and whose `mfa` counts, but for what is said otherwise. */
export function ssoSettingsOf(over: Record<string, string> = {}): SsoSettings {
  const settings = parseSsoSettings(
    parseConfig({
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'sallyport',
      OIDC_ROLES: 'soc=analyst',
      OIDC_MFA: 'amr:mfa',
      ...over,
    }),
  );
  if (settings === null) throw new Error('These are no settings.');
  return settings;
}

/** As the issuer tells of her just now. */
export const grace: SsoPerson = {
  subject: 'grace',
  sid: 'session-1',
  name: 'Grace Hopper',
  email: 'grace@example.org',
  roles: ['analyst'],
  hasFactor: true,
  authenticatedAt: now,
};

/** A database of a test's own, to sign in to by single sign-on. */
export async function createSsoDatabase() {
  const database = await createTestDatabase();
  // The console's own role: what works here works with its grants.
  const db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  const owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  const attempt = (person: Partial<SsoPerson> = {}, over: Partial<SsoAttempt> = {}) =>
    signInBySso(db, {
      person: { ...grace, ...person },
      settings: ssoSettingsOf(),
      address: '192.0.2.7',
      userAgent: 'test',
      replaces: null,
      now,
      ...over,
    });
  return {
    db,
    owner,
    attempt,
    async enter(person: Partial<SsoPerson> = {}, over: Partial<SsoAttempt> = {}) {
      const outcome = await attempt(person, over);
      if (!outcome.ok) throw new Error(outcome.message);
      return outcome.value;
    },
    personOf: (subject = 'grace') =>
      owner.person.findUnique({ where: { issuer_subject: { issuer, subject } } }),
    lastEntry: async (kind: string) =>
      JSON.parse(
        (
          await owner.controlEvent.findFirstOrThrow({
            where: { kind },
            orderBy: { position: 'desc' },
          })
        ).facts,
      ),
    countOf: (kind: string) => owner.controlEvent.count({ where: { kind } }),
    /** Nobody but an administrator with a password and a passkey, whose id it returns. */
    async reset(): Promise<string> {
      await owner.usedProof.deleteMany();
      await owner.signIn.deleteMany();
      await owner.passkey.deleteMany();
      await owner.proposal.deleteMany();
      await owner.delivery.deleteMany();
      await owner.notice.deleteMany();
      await forgetIdentities(owner);
      await owner.person.deleteMany();
      await owner.setting.updateMany({ data: { fourEyes: false } });
      await createFirstAdministrator(db, { email, password: 'correct horse battery' }, now);
      const { id } = await owner.person.findFirstOrThrow();
      await owner.passkey.create({
        data: {
          id: newId(),
          personId: id,
          credentialId: new Uint8Array([1]),
          publicKey: new Uint8Array([1]),
          counter: 0n,
          name: 'Key',
          isSynced: false,
          createdAt: now,
        },
      });
      return id;
    },
    async close(): Promise<void> {
      await Promise.all([db.$disconnect(), owner.$disconnect()]);
      await database.drop();
    },
  };
}
