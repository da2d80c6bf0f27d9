import { createHash, randomBytes } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import type { Queryable } from '@/lib/db/pool';
import type { ApiScope } from '@/lib/people/api-keys/schema';

/** An API key written as the migrator. */
export async function addApiKey(
  db: Queryable,
  madeBy: string,
  change: { scopes?: ApiScope[]; expiresAt?: Date; isNetworkBound?: boolean } = {},
): Promise<{ id: string; secret: string }> {
  const id = newId();
  const secret = `slp_ak_${randomBytes(32).toString('base64url')}`;
  const expiresAt = change.expiresAt ?? new Date(Date.now() + 86_400_000);
  await db.query(
    `INSERT INTO api_key (id, name, scopes, hash, hint, is_network_bound, made_by, created_at, expires_at)
     VALUES ($1, $2, $3, $4, 'test', $5, $6, $7, $8)`,
    [
      id,
      `key ${id}`,
      change.scopes ?? ['log:read'],
      createHash('sha256').update(secret).digest(),
      change.isNetworkBound ?? false,
      madeBy,
      new Date(Math.min(Date.now(), expiresAt.getTime() - 1000)),
      expiresAt,
    ],
  );
  return { id, secret };
}

export type ApiAnswer = { status: number; headers: Headers; json: Record<string, unknown> };

/** Asks the management API, as if from `from` where the gateway trusts this machine as a proxy. */
export async function askApi(
  url: string,
  path: string,
  secret: string | null,
  { from, ...init }: RequestInit & { from?: string } = {},
): Promise<ApiAnswer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    ...init,
    headers: {
      ...Object.fromEntries(new Headers(init.headers)),
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    },
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

/** What sends this as JSON. */
export const asJson = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});
