import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { addressOf, isLocal, watchPeers } from './peer';

const forged = {
  host: 'localhost:3000',
  'x-sallyport-local': 'yes',
  'x-sallyport-address': '192.0.2.7',
};

/** What Node announces for a request, and the headers that handlers see after. */
function announced(remoteAddress: string, sent: Record<string, string> = forged): Headers {
  const headers = { ...sent };
  channel('http.server.request.start').publish({ request: { headers, socket: { remoteAddress } } });
  return new Headers(headers);
}

// If this fails, whoever reaches the console while it starts passes for this machine itself.
test('a request that came before the watch is from nowhere, whatever it says of itself', () => {
  const early = announced('203.0.113.9');
  expect(isLocal(early)).toBe(false);
  expect(addressOf(early)).toBe('unknown');
});

test('once the watch runs, place and address are those of the socket', () => {
  watchPeers({ TRUSTED_PROXIES: '' } as Parameters<typeof watchPeers>[0]);
  const stranger = announced('203.0.113.9');
  expect(isLocal(stranger)).toBe(false);
  expect(addressOf(stranger)).toBe('203.0.113.9');
  const own = announced('127.0.0.1');
  expect(isLocal(own)).toBe(true);
  expect(addressOf(own)).toBe('127.0.0.1');
});
