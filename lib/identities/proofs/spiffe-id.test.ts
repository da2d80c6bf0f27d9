import { expect, test } from 'vitest';
import { isTrustDomain, parseWorkloadId } from './spiffe-id';

test.each([
  ['spiffe://example.org/agent', 'example.org', '/agent'],
  ['spiffe://dev/ns/tools/sa/Returns_1.2-x', 'dev', '/ns/tools/sa/Returns_1.2-x'],
  ['spiffe://a_b-c.9/...', 'a_b-c.9', '/...'],
  ['spiffe://10.0.0.1/x', '10.0.0.1', '/x'],
  [`spiffe://${'a'.repeat(255)}/x`, 'a'.repeat(255), '/x'],
  [`spiffe://a/${'b'.repeat(2037)}`, 'a', `/${'b'.repeat(2037)}`],
])('%s is a workload', (id, trustDomain, path) => {
  expect(parseWorkloadId(id)).toEqual({ ok: true, value: { id, trustDomain, path } });
});

test.each([
  ['https://example.org/agent', 'begin with'],
  ['SPIFFE://example.org/agent', 'begin with'],
  ['spiffe:/example.org/agent', 'begin with'],
  [' spiffe://example.org/agent', 'begin with'],
  ['', 'begin with'],
  ['spiffe:///agent', 'trust domain'],
  ['spiffe://Example.org/agent', 'lower-case'],
  ['spiffe://exämple.org/agent', 'lower-case'],
  [`spiffe://${'a'.repeat(256)}/x`, 'trust domain'],
  ['spiffe://example.org:8443/agent', 'port'],
  ['spiffe://user@example.org/agent', 'user'],
  ['spiffe://example.org/agent?admin=1', 'query'],
  ['spiffe://example.org/agent#x', 'fragment'],
  ['spiffe://example.org/%61gent', 'percent-encoding'],
  ['spiffe://example.org/a%2Fb', 'percent-encoding'],
  ['spiffe://example%2Eorg/agent', 'percent-encoding'],
  ['spiffe://example.org', 'no path'],
  ['spiffe://example.org/', 'empty segment'],
  ['spiffe://example.org/agent/', 'empty segment'],
  ['spiffe://example.org//agent', 'empty segment'],
  ['spiffe://example.org/./agent', '".."'],
  ['spiffe://example.org/a/../agent', '".."'],
  ['spiffe://example.org/agent x', 'other characters'],
  ['spiffe://example.org/agent\u0000', 'other characters'],
  ['spiffe://example.org/agent\n', 'other characters'],
  ['spiffe://example.org/аgent', 'other characters'],
  ['spiffe://example.org/~agent', 'other characters'],
  [`spiffe://a/${'b'.repeat(2038)}`, 'longer'],
])('%j is none, and what of it is wrong is said', (id, says) => {
  expect(parseWorkloadId(id)).toMatchObject({
    ok: false,
    reason: 'invalid',
    message: expect.stringContaining(says),
  });
});

test('what is said of it holds nothing that a terminal or a page could mistake', () => {
  const parsed = parseWorkloadId(`\u001b[2J\u202e${'x'.repeat(5000)}`);
  expect(parsed.ok ? '' : parsed.message).toMatch(/^[\x20-\x7e]{1,130}….{1,120}$/);
});

test.each([
  ['example.org', true],
  ['dev', true],
  ['spiffe://dev', false],
  ['Dev', false],
  ['', false],
])('%j as a trust domain: %s', (text, expected) => {
  expect(isTrustDomain(text)).toBe(expected);
});
