import { config } from '@/lib/core/config';
import { Sql, sql } from '@/lib/inventory/sql';
import { hasDevelopmentCa } from '../development-ca/schema';

/**
 * Whoever vouches for a credential is believed still, as SQL of the credential that `alias` names. Without a development
 * authority that of another time counts as revoked, as it does in a gateway.
 */
export function believedText(
  alias: string,
  believesDevelopment = hasDevelopmentCa(config()),
): string {
  const off = believesDevelopment ? '' : ` OR t.kind = 'development'`;
  // Neither depends on the row: each is read once for a statement, and a null id is in neither.
  return `(${alias}.anchor_id IN (SELECT t.id FROM trust_anchor t WHERE t.revoked_at IS NOT NULL${off})) IS NOT TRUE
    AND (${alias}.issuer_id IN (SELECT t.id FROM token_issuer t WHERE t.revoked_at IS NOT NULL)) IS NOT TRUE`;
}

/** The credential that `alias` names can prove something at the time that the parameter `now` is. */
export const liveText = (alias: string, now: `$${number}`): string =>
  `${alias}.revoked_at IS NULL AND ${alias}.expires_at > ${now} AND ${believedText(alias)}`;

/** As `liveText`, with the time in it. */
export function isLive(now: Date, alias = 'c'): Sql {
  const of = new Sql([alias], []);
  return sql`${of}.revoked_at IS NULL AND ${of}.expires_at > ${now} AND ${isBelieved(alias)}`;
}

export const isBelieved = (alias = 'c'): Sql => new Sql([believedText(alias)], []);
