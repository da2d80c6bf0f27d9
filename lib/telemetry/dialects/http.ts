import { isCalling } from '../acted-on';
import type { DialectRules } from './dialect';

/** Queries, fragments and user information of addresses may hold secrets, which a name is no place for. */
function withoutSecrets(name: string): string {
  const query = name.indexOf('?');
  const asked = query === -1 ? name : name.slice(0, query);
  const scheme = asked.indexOf('://');
  if (scheme === -1) return asked;
  const fragment = asked.indexOf('#', scheme);
  const address = fragment === -1 ? asked : asked.slice(0, fragment);
  return address.replace(/:\/\/[^/\s]*@/g, '://');
}

/** A plain request, at either end, by the stable names and by those before version 1.23. */
export const http: DialectRules = {
  name: 'http',
  detect: (signs) => signs.has('http'),
  kindOf: (_claims, { record }) => (record === null ? 'data_transfer' : 'event'),
  isError: (claims, { span }) => {
    const code = Number(claims.peek('statusCode') ?? 0);
    // Who serves a request is not at fault for one that it rightly refuses; the convention says so too.
    return span.statusCode === 0 && (code >= 500 || (code >= 400 && isCalling(span.kind)));
  },
  names: {
    operation: ['http.request.method', 'http.method'],
    url: ['url.full', 'http.url'],
    clientAddress: ['http.client_ip'],
    statusCode: ['http.response.status_code', 'http.status_code'],
  },
  nameOf: withoutSecrets,
};

/** Scheme, user information and host, as browsers read them: the last `@` before the path ends the second. */
const authority =
  /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#\\]*@)?(\[[\da-f:.]+\]|[^:/?#@\\\s]{1,255})(?::(\d{1,5}))?(?:[/?#\\]|$)/i;

/** Host and port of an address, and nothing else of it. */
export function hostOf(url: string): { address: string; port: number | null } | null {
  const match = authority.exec(url);
  const host = match?.[1];
  if (host === undefined) return null;
  const port = Number(match?.[2]);
  return {
    address: host.startsWith('[') ? host.slice(1, -1) : host,
    port: port <= 65_535 ? port : null,
  };
}
