import { createHash } from 'node:crypto';

/** The same type and name is the same resource, whoever saw or registered it first: `resource_id` of the migrations. */
export function resourceIdOf({ kind, name }: { kind: string; name: string }): string {
  const hex = createHash('sha256').update(`${kind} ${name}`).digest('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
