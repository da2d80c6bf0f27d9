import { expect, test } from 'vitest';
import { composeMail, composeWebhook } from './compose';
import { noticeLabels } from './labels';
import { Link, NewMail, NewNotice, noticeKinds } from './schema';

const url = 'https://console.example';
const at = new Date('2026-11-30T12:00:00Z');
const person = '019ad3c0-0000-7000-8000-000000000001';
const parse = (over: Partial<NewNotice> = {}) =>
  NewNotice.parse({ kind: 'sign_in_new_place', to: { person }, subject: 'Vienna', at, ...over });

test('an e-mail says what happened, in which words, and where to look', () => {
  const mail = composeMail(parse({ facts: { client_address: '192.0.2.7', is_known: false } }), url);
  expect(mail.subject).toBe('Sallyport: You signed in from a new place: Vienna');
  expect(mail.text).toBe(
    `You signed in from a new place.

Vienna
Client address: 192.0.2.7
Is known: no

https://console.example/account

Sallyport sent this. It never asks for a password or a code by e-mail.
`,
  );
});

// If this fails, whoever names an agent writes headers, lines or links into the organisation's e-mail.
test.each([
  ['a\r\nBcc: everyone@example.org', 'a Bcc: everyone@example.org'],
  ['a\nb\u2028c\u2029d\u0085e\0f\u001b[31m', 'a b c d e f [31m'],
  ['moc\u202Eelpmaxe', 'moc elpmaxe'],
  ['x'.repeat(500), `${'x'.repeat(199)}…`],
])('a subject is one visible line: %j', (subject, expected) => {
  expect(parse({ subject }).subject).toBe(expected);
});

test('what others wrote becomes no link', () => {
  const subject = 'sign in at https://evil.example or www.evil.example';
  const facts = { name: 'http://evil.example' };
  const { subject: head, text } = composeMail(parse({ subject, facts }), url);
  expect(text.match(/\bhttps?:\/\/\S+/g)).toEqual(['https://console.example/account']);
  expect(`${head}${text}`).not.toContain('www.');
});

test.each<[string, Partial<NewNotice>]>([
  ['another kind', { kind: 'other' as never }],
  ['an address that is none', { to: { person: 'p' } }],
  ['two addresses in one', { to: { person, role: 'admin' } as never }],
  ['a link that leaves the console', { link: '//evil.example' }],
  ['another link that does', { link: '/\\evil.example' }],
  ['a whole URL', { link: 'https://evil.example' }],
  ['a fact whose name is a sentence', { facts: { 'a: b': 1 } }],
  ['a fact that is no single value', { facts: { a: { b: 1 } as never } }],
  [
    'more facts than can be read',
    { facts: Object.fromEntries([...Array(21)].map((_, n) => [`f${n}`, n])) },
  ],
])('refuses %s', (_what, over) => {
  expect(() => parse(over)).toThrow();
});

test('an e-mail goes to one address, and its lines are kept', () => {
  const mail = NewMail.parse({
    to: ' Ada@Example.org ',
    subject: 'a\r\nb',
    text: 'a\r\nb\rc\0',
    at,
  });
  expect(mail).toMatchObject({ to: 'ada@example.org', subject: 'a b', text: 'a\nb\nc' });
  for (const to of [
    'a@b.example,c@d.example',
    'a@b.example\r\nBcc: c@d.example',
    'Ada <a@b.example>',
    '',
  ])
    expect(NewMail.safeParse({ to, subject: '', text: '', at }).success, to).toBe(false);
});

test('a webhook is told type, time and data', () => {
  expect(JSON.parse(composeWebhook(parse({ link: '/people?a=b' }), { person }, url))).toEqual({
    type: 'notice.sign_in_new_place',
    timestamp: '2026-11-30T12:00:00.000Z',
    data: {
      to: { person },
      words: 'You signed in from a new place',
      subject: 'Vienna',
      facts: {},
      url: 'https://console.example/people?a=b',
    },
  });
});

test('every kind leads to a page of the console', () => {
  for (const kind of noticeKinds) expect(Link.parse(noticeLabels[kind].link)).toMatch(/^\/[a-z]/);
});
