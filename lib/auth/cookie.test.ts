import { randomBytes, randomUUID } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { beforeAll, expect, test, vi } from 'vitest';
import { cookieSecret, newSignInToken, readSignInToken, sealSignInToken } from './cookie';
import { sealChallenge } from './factor/challenge';

beforeAll(() => {
  vi.stubEnv('SALLYPORT_KEK', randomBytes(32).toString('base64'));
});

const token = newSignInToken();

test('a cookie that this console made holds its token, and says nothing', async () => {
  const cookie = await sealSignInToken(token);
  expect(await readSignInToken(cookie)).toBe(token);
  expect(cookie).not.toContain(token);
});

// If this fails, whoever can write a cookie signs in as whom they like.
test('refuses cookies that were tampered with, made elsewhere, for something else, or have lapsed', async () => {
  const cookie = await sealSignInToken(token);
  const middle = Math.floor(cookie.length / 2);
  const flipped = cookie[middle] === 'A' ? 'B' : 'A';
  const claims = { token: { signIn: token }, maxAge: 3600 };
  const refused = {
    tampered: cookie.slice(0, middle) + flipped + cookie.slice(middle + 1),
    'cut short': cookie.slice(0, -1),
    'of another console': await encode({
      ...claims,
      secret: randomBytes(32).toString('base64'),
    }),
    lapsed: await encode({ ...claims, secret: cookieSecret(), maxAge: -120 }),
    'a challenge': await sealChallenge(
      { purpose: 'sign_in', value: token, signIn: randomUUID() },
      new Date(),
    ),
    'of another shape': await encode({
      token: { signIn: { length: 43 } },
      secret: cookieSecret(),
      maxAge: 3600,
    }),
    'no cookie at all': 'e30.e30.',
    'the token as it is': token,
  };
  for (const [what, each] of Object.entries(refused))
    expect(await readSignInToken(each), what).toBeNull();
  expect(await readSignInToken(undefined)).toBeNull();
});
