import { expect, test } from 'vitest';
import { NewPassword } from './new-password';
import { Email, OrganisationName, rolesOf, TimeZone } from './schema';

test('refuses passwords that are among the first guesses', () => {
  const trivial = [
    'password1234',
    'Password2026!',
    'P@ssw0rd1234',
    'administrator1',
    'sallyportsallyport',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    '123456789012',
    'qwertyuiopas',
    'welcome12345!',
  ];
  for (const password of trivial)
    expect(NewPassword.safeParse(password).success, password).toBe(false);
});

test('accepts long passwords of any composition', () => {
  for (const password of [
    'correct horse battery',
    'ünï çødé wörds',
    'kT9!vQ2#mLx4',
    'sevenwordsinarowarefine',
  ])
    expect(NewPassword.safeParse(password).success, password).toBe(true);
});

test('refuses passwords that are short, or so long that hashing them is work', () => {
  expect(NewPassword.safeParse('kT9!vQ2#mLx').success).toBe(false);
  expect(NewPassword.safeParse('x y'.repeat(400)).success).toBe(false);
});

test('a time zone is a name that the runtime knows', () => {
  for (const zone of ['UTC', 'Europe/Vienna', 'America/Argentina/Salta'])
    expect(TimeZone.safeParse(zone).success).toBe(true);
  for (const zone of ['', 'Mars/Olympus', '+02:00', 'x'.repeat(100)])
    expect(TimeZone.safeParse(zone).success).toBe(false);
});

test('a name is one line without invisible characters', () => {
  expect(OrganisationName.safeParse('Blue Sparrow').success).toBe(true);
  for (const name of ['', '  ', 'a\nb', 'a\u202eb', 'a\u0000', 'x'.repeat(121)])
    expect(OrganisationName.safeParse(name).success).toBe(false);
});

test('one address is one account, however it is written', () => {
  expect(Email.parse(' Ada@Example.ORG ')).toBe('ada@example.org');
  expect(Email.safeParse('ada').success).toBe(false);
});

test('a role that is not known counts for nothing', () => {
  expect(rolesOf(['admin', 'root', 'ADMIN'])).toEqual(['admin']);
  expect(rolesOf(['root'])).toEqual([]);
});
