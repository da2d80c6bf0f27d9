import { randomBytes } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { type Config, config } from '@/lib/core/config';
import {
  clientAddress,
  isLocalRequest,
  isLoopbackAddress,
  parseNetworks,
} from '@/lib/core/network';

/**
 * Next gives pages no socket, and by the time they run it has written X-Forwarded-* itself. Node announces
 * each request before any handler sees it: there the two headers below are set from the socket, whatever
 * a client sent under their names. Each value begins with a word that only this process knows: a header that
 * came in before the watch ran, or where it does not run, has it not and says nothing.
 */
const addressHeader = 'x-sallyport-address';
const localHeader = 'x-sallyport-local';

// Next may load this file more than once, for its start and for its pages: one word for the process.
const wordOf = globalThis as { sallyportPeerWord?: string };
wordOf.sallyportPeerWord ??= randomBytes(32).toString('base64url');
const mark = `${wordOf.sallyportPeerWord} `;

export function watchPeers(settings: Config = config()): void {
  const proxies = parseNetworks(settings.TRUSTED_PROXIES);
  subscribe('http.server.request.start', (message) => {
    // Node documents the shape of this channel's message.
    const { request } = message as { request: IncomingMessage };
    const peer = request.socket.remoteAddress;
    const { headers } = request;
    const forwardedFor = headers['x-forwarded-for'];
    headers[localHeader] = mark + (isLocalRequest(peer, headers) ? 'yes' : 'no');
    const address =
      peer === undefined
        ? 'unknown'
        : clientAddress(peer, [forwardedFor].flat().join(',') || undefined, proxies);
    headers[addressHeader] = mark + address;
  });
}

type ReadableHeaders = { get(name: string): string | null };

/** What the watch wrote under this name; null where it did not. */
const written = (headers: ReadableHeaders, name: string): string | null => {
  const value = headers.get(name);
  return value?.startsWith(mark) ? value.slice(mark.length) : null;
};

/** Where the request came from; a proxy is believed only if it is listed. */
export const addressOf = (headers: ReadableHeaders): string =>
  written(headers, addressHeader) ?? 'unknown';

/** Whether the request came from this machine, straight, to a loopback Host. */
export const isLocal = (headers: ReadableHeaders): boolean =>
  written(headers, localHeader) === 'yes';

/** Whether only this machine can reach the console: then set-up asks for a local request too. */
export const listensOnLoopback = ({ HOST }: Config = config()): boolean =>
  HOST === 'localhost' || isLoopbackAddress(HOST);
