import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { pauseAfter, triesMax } from './retry';
import { newWebhookSecret, signWebhook } from './sign';

test('the reference library of Standard Webhooks verifies what is signed, and nothing else', () => {
  const secret = newWebhookSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const message = { id: 'one', payload: '{"a":"ü"}', at: new Date() };
  const headers = signWebhook(secret, message);
  expect(new Webhook(secret).verify(message.payload, headers)).toEqual({ a: 'ü' });
  expect(() => new Webhook(secret).verify('{"a":"u"}', headers)).toThrow();
  expect(() => new Webhook(newWebhookSecret()).verify(message.payload, headers)).toThrow();
});

test('eight tries take about a day, each pause longer than the one before', () => {
  const pauses = Array.from({ length: triesMax - 1 }, (_, index) => index + 1);
  const whole = (random: number) =>
    pauses.reduce((sum, tries) => sum + pauseAfter(tries, random), 0) / 3_600_000;
  expect([whole(0), whole(0.5), whole(1)].map(Math.round)).toEqual([19, 24, 29]);
  for (const tries of pauses)
    expect(pauseAfter(tries + 1, 0)).toBeGreaterThan(pauseAfter(tries, 1));
});
