import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PersonActor } from './actor';
import { authorize, can, needsFreshFactor, type Permission, permissions } from './permissions';
import { type Role, roles } from './schema';

const all = Object.keys(permissions) as Permission[];
const actorOf = (having: readonly Role[], isFresh = true): PersonActor => ({
  kind: 'person',
  id: 'p',
  roles: having,
  isFresh,
  signIn: 's',
  address: '192.0.2.1',
});

test('every role sees the console and its own account; without a role nobody may anything', () => {
  for (const role of roles) {
    expect(can({ roles: [role] }, 'console.read'), role).toBe(true);
    expect(can({ roles: [role] }, 'account.write'), role).toBe(true);
  }
  for (const permission of all) expect(can({ roles: [] }, permission), permission).toBe(false);
});

test('an administrator may all, a viewer nothing that changes anything of others', () => {
  expect(all.filter((permission) => !can({ roles: ['admin'] }, permission))).toEqual([]);
  expect(all.filter((permission) => can({ roles: ['viewer'] }, permission)).sort()).toEqual([
    'account.write',
    'console.read',
  ]);
});

test('roles come together as their sum', () => {
  const both: Role[] = ['viewer', 'analyst'];
  for (const permission of all)
    expect(can({ roles: both }, permission), permission).toBe(
      both.some((role) => can({ roles: [role] }, permission)),
    );
});

describe('authorize', () => {
  test('names who may, and asks for a fresh factor only of whoever else might', () => {
    expect(() => authorize(actorOf(['viewer']), 'people.write')).toThrow(
      /^Only an administrator may invite people/,
    );
    expect(() => authorize(actorOf(['viewer'], false), 'people.write')).toThrow(/^Only /);
    expect(() => authorize(actorOf(['admin'], false), 'people.write')).toThrow(/second factor/);
    expect(() => authorize(actorOf(['admin']), 'people.write')).not.toThrow();
  });

  test('takes a recovery code for setting up a factor again, and for nothing else', () => {
    const recovered = { ...actorOf(['admin'], false), isRecovered: true };
    expect(() => authorize(recovered, 'account.write')).not.toThrow();
    for (const permission of all.filter(needsFreshFactor))
      if (permission !== 'account.write')
        expect(() => authorize(recovered, permission), permission).toThrow('second factor');
  });

  test('does not ask for a fresh factor where nothing dangerous is done', () => {
    expect(needsFreshFactor('facts.export')).toBe(false);
    expect(() => authorize(actorOf(['analyst'], false), 'facts.export')).not.toThrow();
  });
});

const names: Record<Role, string> = {
  viewer: 'viewer',
  analyst: 'analyst',
  policy_author: 'policy author',
  approver: 'approver',
  admin: 'admin',
};

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

test('the README shows this table', () => {
  const readme = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => cellsOf(line)[0] === 'may');
  const [head, , ...rows] = lines
    .slice(
      start,
      lines.findIndex((line, n) => n > start && !line.startsWith('|')),
    )
    .map(cellsOf);
  expect(head).toEqual(['may', ...roles.map((role) => names[role]), 'fresh factor']);
  expect(rows).toEqual(
    all.map((permission) => [
      permissions[permission].may,
      ...roles.map((role) => (can({ roles: [role] }, permission) ? 'yes' : '')),
      needsFreshFactor(permission) ? 'yes' : '',
    ]),
  );
});
