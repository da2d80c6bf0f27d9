/**
 * Three whos, never merged. The reporter is whose credential sent an item; the identity is whom it is
 * attributed to; the declaration is what the data says of itself, which anyone can write. A declaration is
 * believed only when it names the reporter itself, or when the reporter may speak for the one it names.
 * Everything else is accepted and attributed to nobody: shadow activity, with a fingerprint to join it later.
 */
import { hash } from 'node:crypto';
import type { Vantage } from '@/lib/telemetry/schema';
import { programs } from './programs';

export type Declaration = {
  declaredName: string | null;
  declaredId: string | null;
  service: string | null;
};

export type ReporterRights = {
  id: string;
  /** Its name and the other names that mean it too. */
  names: ReadonlySet<string>;
  /** Identities a collector may report for: some of them, all of them, or none. */
  reportsFor: ReadonlySet<string> | 'all' | null;
};

export type Attribution = {
  identity: string | null;
  vantage: Vantage;
  fingerprint: Uint8Array | null;
};

/** `byName` finds the one registered, active identity that a name means; null when none or several do. */
export function attribute(
  declaration: Declaration,
  reporter: ReporterRights,
  byName: (name: string) => string | null,
): Attribution {
  const { declaredName, declaredId, service } = declaration;
  // The agent's own name says more than the service it runs in.
  const declared = [declaredName, declaredId].filter((name) => name !== null);
  const names = declared.length > 0 ? declared : isUnset(service) ? [] : [service];
  if (names.length === 0 || names.some((name) => reporter.names.has(name))) return own(reporter);
  // Of one who speaks for itself alone, that is no other's name; of a collector it may be anybody's.
  if (reporter.reportsFor === null && names.every((name) => ofPrograms.has(name)))
    return own(reporter);
  if (reporter.reportsFor !== null) {
    for (const name of names) {
      const identity = byName(name);
      if (
        identity !== null &&
        (reporter.reportsFor === 'all' || reporter.reportsFor.has(identity))
      ) {
        return { identity, vantage: 'peer', fingerprint: null };
      }
    }
  }
  return { identity: null, vantage: 'peer', fingerprint: fingerprintOf(declaration) };
}

const ofPrograms: ReadonlySet<string> = new Set(Object.values(programs).flat());

/** An SDK that was told no service name writes `unknown_service`, with the program's after a colon. */
const isUnset = (service: string | null): service is null =>
  service === null || /^unknown_service(:|$)/.test(service);

const own = ({ id }: ReporterRights): Attribution => ({
  identity: id,
  vantage: 'self',
  fingerprint: null,
});

/** Stands for the names of a reporter that were too many to be told one by one. No hash is likely to be it. */
export const manyNamesHex = '00'.repeat(16);

/** 16 bytes over what an unregistered actor declares, the same from whichever reporter it comes. */
export function fingerprintOf({ declaredName, declaredId, service }: Declaration): Uint8Array {
  const text = JSON.stringify([declaredName, declaredId, service]);
  return Buffer.from(hash('sha256', `fingerprint\0${text}`, 'binary').slice(0, 16), 'latin1');
}
