import type { Queryable } from '@/lib/db/pool';
import { isWildcard } from '../host-name';
import type { Probe } from '../schema';

const everyHours = 1;

export type DueProbe = {
  id: string;
  hosts: string[];
  pins: string[];
  /** PEM. */
  authority: string | null;
  /** Its authority is believed no more: nothing that it shows proves anything, whatever the system believes. */
  isDisbelieved: boolean;
};

/**
 * Takes what is due to be asked, and puts it off by an hour: whoever dies over it is followed by another. Hosts behind a
 * wildcard cannot be asked.
 */
export async function claimProbes(db: Queryable, max: number, now: Date): Promise<DueProbe[]> {
  const { rows } = await db.query<DueProbe & { der: Buffer[] | null }>(
    `WITH due AS (
       SELECT a.identity_id FROM external_api a JOIN identity i ON i.id = a.identity_id
       WHERE a.probe_due_at <= $1 AND i.state <> 'decommissioned'
       ORDER BY a.probe_due_at LIMIT $2 FOR UPDATE OF a SKIP LOCKED
     ), claimed AS (
       UPDATE external_api a SET probe_due_at = $1::timestamptz + interval '${everyHours} hours'
       FROM due WHERE a.identity_id = due.identity_id
       RETURNING a.identity_id, a.hosts, a.pins, a.authority, a.anchor_id
     )
     SELECT c.identity_id AS id, c.hosts, c.pins, c.authority, t.certificates AS der,
       c.anchor_id IS NOT NULL AND (t.id IS NULL OR t.revoked_at IS NOT NULL) AS "isDisbelieved"
     FROM claimed c LEFT JOIN trust_anchor t ON t.id = c.anchor_id`,
    [now, max],
  );
  return rows.map(({ der, hosts, ...row }) => ({
    ...row,
    hosts: hosts.filter((host) => !isWildcard(host)),
    authority: der === null ? row.authority : der.map(pemOf).join('\n'),
  }));
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----`;

/** Keeps what each host showed, and forgets hosts that are registered no more. */
export async function keepProbes(
  db: Queryable,
  id: string,
  probes: readonly Probe[],
): Promise<void> {
  for (const probe of probes)
    await db.query(
      `INSERT INTO external_probe (identity_id, host, outcome, reason, subject, issuer, pin, ends_at, probed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (identity_id, host) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,
         subject = excluded.subject, issuer = excluded.issuer, pin = excluded.pin, ends_at = excluded.ends_at,
         probed_at = excluded.probed_at`,
      [
        id,
        probe.host,
        probe.outcome,
        probe.reason,
        probe.subject,
        probe.issuer,
        probe.pin,
        probe.endsAt,
        probe.probedAt,
      ],
    );
  await db.query(
    `DELETE FROM external_probe p WHERE p.identity_id = $1
       AND NOT EXISTS (SELECT FROM external_api a WHERE a.identity_id = $1 AND p.host = ANY (a.hosts))`,
    [id],
  );
}
