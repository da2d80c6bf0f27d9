import { expect, test } from 'vitest';
import { foldHost, foldHostRule, isOneOf } from './host-name';

test.each([
  ['API.Example.com', 'api.example.com'],
  ['api.example.com.', 'api.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['vault', 'vault'],
  ['ａpi.example', 'api.example'],
])('%s is kept as %s', (text, host) => {
  expect(foldHost(text)).toBe(host);
  expect(foldHost(host)).toBe(host);
});

test.each([
  '',
  '.',
  '10.0.0.1',
  '0x7f.1',
  '2130706433',
  'example.1',
  '[::1]',
  '::1',
  'https://example.com',
  'example.com:443',
  'example.com/path',
  'user@example.com',
  'exa mple.com',
  'a..b',
  '-a.example',
  'a-.example',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(127)}example`,
  '*.example.com',
  '10.0.0.0/8',
  'example.com%00',
])('“%s” is no host name', (text) => {
  expect(foldHost(text)).toBeNull();
});

test.each([
  ['*.Example.com', '*.example.com'],
  ['*.com', null],
  ['*.*.example.com', null],
  ['a*.example.com', null],
  ['*', null],
  ['**.example.com', null],
])('the rule %s is kept as %s', (text, rule) => {
  expect(foldHostRule(text)).toBe(rule);
});

test.each([
  ['api.example.com', true],
  ['eu.cdn.example.com', true],
  ['a.eu.cdn.example.com', false],
  ['cdn.example.com', false],
  ['example.com', false],
  ['api.example.com.evil.example', false],
  ['evil-api.example.com', false],
  ['', false],
])('whether %s is registered is %s', (host, expected) => {
  expect(isOneOf(host, ['api.example.com', '*.cdn.example.com'])).toBe(expected);
});
