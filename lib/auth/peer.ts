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
 * a client sent under their names. Where the watch does not run, no request counts as local.
 */
const addressHeader = 'x-sallyport-address';
const localHeader = 'x-sallyport-local';

export function watchPeers(settings: Config = config()): void {
  const proxies = parseNetworks(settings.TRUSTED_PROXIES);
  subscribe('http.server.request.start', (message) => {
    // Node documents the shape of this channel's message.
    const { request } = message as { request: IncomingMessage };
    const peer = request.socket.remoteAddress;
    const { headers } = request;
    const forwardedFor = headers['x-forwarded-for'];
    headers[localHeader] = isLocalRequest(peer, headers) ? 'yes' : 'no';
    headers[addressHeader] =
      peer === undefined
        ? 'unknown'
        : clientAddress(peer, [forwardedFor].flat().join(',') || undefined, proxies);
  });
}

type ReadableHeaders = { get(name: string): string | null };

/** Where the request came from; a proxy is believed only if it is listed. */
export const addressOf = (headers: ReadableHeaders): string =>
  headers.get(addressHeader) ?? 'unknown';

/** Whether the request came from this machine, straight, to a loopback Host. */
export const isLocal = (headers: ReadableHeaders): boolean => headers.get(localHeader) === 'yes';

/** Whether only this machine can reach the console: then set-up asks for a local request too. */
export const listensOnLoopback = ({ HOST }: Config = config()): boolean =>
  HOST === 'localhost' || isLoopbackAddress(HOST);
