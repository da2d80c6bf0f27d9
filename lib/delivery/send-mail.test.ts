import { expect, test } from 'vitest';
import { transportOf } from './send-mail';

// If this fails, whoever is on the way reads the mail server's password.
test.each([
  ['smtp://mail.example', { port: 587, secure: false, requireTLS: true, ignoreTLS: false }],
  ['smtp://10.0.0.7:25', { port: 25, secure: false, requireTLS: true, ignoreTLS: false }],
  ['smtp://localhost.example', { port: 587, secure: false, requireTLS: true, ignoreTLS: false }],
  ['smtps://mail.example', { port: 465, secure: true, requireTLS: false, ignoreTLS: false }],
  ['smtp://127.0.0.1:2525', { port: 2525, secure: false, requireTLS: false, ignoreTLS: true }],
  ['smtp://[::1]', { host: '::1', secure: false, requireTLS: false, ignoreTLS: true }],
  ['smtps://localhost', { port: 465, secure: true, requireTLS: false, ignoreTLS: false }],
])('%s', (url, expected) => {
  expect(transportOf(new URL(url))).toMatchObject(expected);
});

test('user and password are decoded', () => {
  const { auth } = transportOf(new URL('smtps://us%40er:p%3A%2Fw@mail.example'));
  expect(auth).toEqual({ user: 'us@er', pass: 'p:/w' });
});
