import { expect, test } from 'vitest';
import { type ApiKeyActor, nameOfActor, whoOf } from '../actor';
import { authorize, needsFreshFactor, type Permission, permissions } from '../permissions';
import { apiScopes, IssueApiKey } from './schema';

const keyOf = (scopes: ApiKeyActor['scopes']): ApiKeyActor => ({
  kind: 'api_key',
  id: '0195',
  name: 'reports',
  scopes,
  address: '192.0.2.1',
});
// The keys of the table.
const all = Object.keys(permissions) as Permission[];

test('no API key, whatever its scopes, does what asks a person for a fresh second factor', () => {
  const dangerous = all.filter(needsFreshFactor);
  expect(dangerous.length).toBeGreaterThan(3);
  for (const permission of dangerous)
    expect(() => authorize(keyOf(apiScopes), permission), permission).toThrow('never may');
});

test('a key with every scope may do what is listed here, and nothing else', () => {
  const may = all.filter((permission) => {
    try {
      authorize(keyOf(apiScopes), permission);
      return true;
    } catch {
      return false;
    }
  });
  expect(may).toEqual(['console.read']);
  expect(() => authorize(keyOf(['registry:read']), 'console.read')).toThrow('with these scopes');
  expect(() => authorize(keyOf([]), 'console.read')).toThrow('with these scopes');
});

test('an entry of what a key did names the key and where it came from', () => {
  expect(nameOfActor(keyOf([]))).toBe('api_key:0195');
  expect(whoOf(keyOf([]))).toEqual({ by: 'api_key:0195', address: '192.0.2.1' });
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
