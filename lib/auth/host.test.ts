import { expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { isExpectedHost } from './host';

test('bound to loopback, only loopback names and the console URL are answered', () => {
  const settings = parseConfig({ CONSOLE_URL: 'https://console.example' });
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'console.example'])
    expect(isExpectedHost(host, settings), host).toBe(true);
  for (const host of [null, '', 'rebound.example:3000', 'localhost.example', 'console.example:1'])
    expect(isExpectedHost(host, settings), String(host)).toBe(false);
});

test('bound wider, the name is left to whoever stands in front', () => {
  expect(isExpectedHost('any.example', parseConfig({ HOST: '0.0.0.0' }))).toBe(true);
});
