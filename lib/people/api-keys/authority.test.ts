import { expect, test } from 'vitest';
import { mintKeyScope } from '@/lib/tokens/scope';
import type { Actor } from '../actor';
import { authorize, can, needsFreshFactor, type Permission, permissions } from '../permissions';
import { IssueApiKey } from './schema';

// The keys of the table.
const all = Object.keys(permissions) as Permission[];
const key = mintKeyScope('0195', '192.0.2.1');

test('no API key passes any permission that needs a fresh factor, nor any other', () => {
  expect(all.filter(needsFreshFactor).length).toBeGreaterThan(3);
  for (const permission of all) expect(can(key, permission), permission).toBe(false);
  // As if a route made an actor of the key, which the types do not let it.
  const actor = { ...key, kind: 'api_key', id: '0195', isFresh: true } as unknown as Actor;
  for (const permission of all)
    expect(() => authorize(actor, permission), permission).toThrow('Only');
});

test('what is read by a key is told with the key and where it came from, and is nobody’s content', () => {
  expect(key.who).toEqual({ by: 'api_key:0195', address: '192.0.2.1' });
  expect(key.content).toEqual({ read: [], export: [] });
});

test('there is no scope that approves, enforces, manages people or lets a machine decide', () => {
  const base = { name: 'x', reason: 'y' };
  for (const scope of ['decide:any', 'requests', 'telemetry:write', 'people:write', 'approve', '*'])
    expect(IssueApiKey.safeParse({ ...base, scopes: [scope] }).success, scope).toBe(false);
  expect(IssueApiKey.safeParse({ ...base, scopes: [] }).success).toBe(false);
  expect(IssueApiKey.safeParse({ ...base, scopes: ['log:read'], roles: ['admin'] }).success).toBe(
    false,
  );
  expect(IssueApiKey.parse({ ...base, scopes: ['log:read', 'log:read'] }).scopes).toEqual([
    'log:read',
  ]);
});
