import type { Origin, ProbeOutcome } from '../schema';

const hourMs = 3_600_000;
/** So long an interaction from elsewhere speaks against an API, and one from its hosts for it. */
const recentMs = 24 * hourMs;
/** Hosts are asked once an hour; what was found two times ago says nothing any more. */
export const probeHoldsMs = 3 * hourMs;

export type Standing = {
  /** Registered hosts that can be asked: those without a wildcard. */
  hosts: readonly string[];
  probes: readonly { host: string; outcome: ProbeOutcome; reason: string; probedAt: Date }[];
  /** The newest hours in which something came from elsewhere, and from its hosts; how many from elsewhere in a day. */
  unverified: { count: number; lastHour: Date | null };
  verified: { lastHour: Date | null };
};

export type OriginFact = { origin: Origin; why: string; until: Date };

/** What is known of the origin of an API now; null where nothing recent says. */
export function judgeOrigin(standing: Standing, now: Date): OriginFact | null {
  const { hosts, unverified, verified } = standing;
  const probes = standing.probes.filter(
    ({ host, probedAt }) =>
      hosts.includes(host) && now.getTime() - probedAt.getTime() < probeHoldsMs,
  );
  const failed = probes.find(({ outcome }) => outcome === 'unverified');
  if (failed !== undefined)
    return {
      origin: 'unverified',
      why: `${failed.host}: ${failed.reason}`,
      until: after(failed.probedAt, probeHoldsMs),
    };
  const strange = endOf(unverified.lastHour);
  if (strange !== null && strange > now)
    return {
      origin: 'unverified',
      why: `${unverified.count.toLocaleString('en-GB')} ${unverified.count === 1 ? 'interaction' : 'interactions'} in 24 hours came from elsewhere`,
      until: strange,
    };
  const proven = probes.filter(({ outcome }) => outcome === 'verified');
  if (hosts.length > 0) {
    if (proven.length < hosts.length) return null;
    const oldest = Math.min(...proven.map(({ probedAt }) => probedAt.getTime()));
    return {
      origin: 'verified',
      why: 'each host proved itself',
      until: new Date(oldest + probeHoldsMs),
    };
  }
  // Behind a wildcard nobody can be asked: what arrives from there has to do.
  const seen = endOf(verified.lastHour);
  return seen !== null && seen > now
    ? { origin: 'verified', why: 'what arrived came from its hosts', until: seen }
    : null;
}

const after = (at: Date, ms: number) => new Date(at.getTime() + ms);
const endOf = (hour: Date | null) => (hour === null ? null : after(hour, hourMs + recentMs));
