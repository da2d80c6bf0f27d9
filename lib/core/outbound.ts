import { lookup as resolveName } from 'node:dns/promises';
import { request as requestPlain } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { type BlockList, isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, judgedAddress } from './address-space';
import { AppError } from './errors';
import { isListed } from './network';

export type Resolved = { readonly address: string; readonly family: number };
/** All addresses of a name, as DNS has them at this moment. */
export type Resolve = (name: string) => Promise<readonly Resolved[]>;

export type OutsideAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** There was more than was read. */
  readonly isCut: boolean;
};

export type OutsideRequest = {
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Reachable although they are not public; `http` is for them alone. */
  networks: BlockList;
  /** Which key of the configuration names them. */
  networksKey?: NetworksKey;
  /** From the first look-up to the last byte. */
  timeoutMs?: number;
  bytesMax?: number;
  resolve?: Resolve;
};

export type NetworksKey = 'WEBHOOK_NETWORKS' | 'FEDERATION_NETWORKS';

const addressesMax = 16;
const urlMax = 2048;

/**
 * Asks a server that others named, and never one inside: each address of its name is judged, and the connection goes to
 * the judged addresses, so that a name that changes in between changes nothing. Redirects are answers like any other, no
 * proxy is used, and no connection is kept. Throws an AppError whose message says what was in the way.
 */
export async function fetchOutside(url: string, request: OutsideRequest): Promise<OutsideAnswer> {
  const { timeoutMs = 10_000 } = request;
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new AppError(
        'unavailable',
        `There was no whole answer within ${Math.round(timeoutMs / 1000)} s.`,
      );
      controller.abort(error);
      reject(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([ask(url, request, controller.signal), late]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

async function ask(
  text: string,
  { networks, networksKey, resolve, ...request }: OutsideRequest,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const url = parseOutsideUrl(text, networks, networksKey);
  const addresses = await addressesOutside(url, {
    networks,
    ...(networksKey === undefined ? {} : { networksKey }),
    ...(resolve === undefined ? {} : { resolve }),
  });
  signal.throwIfAborted();
  return send(url, addresses, request, signal);
}

/** The addresses of a server, each of which may be asked: where one may not, none is. */
export async function addressesOutside(
  url: URL,
  {
    networks,
    networksKey,
    resolve = resolveAll,
  }: Pick<OutsideRequest, 'networks' | 'networksKey' | 'resolve'>,
): Promise<readonly Resolved[]> {
  const host = bareHost(url);
  const addresses = isIP(host) === 0 ? await resolved(host, resolve) : [literal(host)];
  for (const { address } of addresses) refuseAddress(address, url, networks, networksKey);
  return addresses;
}

/**
 * Reads an address of somebody else's server and refuses what could not be asked: another scheme, credentials in it, a
 * port of another service, an address inside. What its name resolves to is judged when it is asked.
 */
export function parseOutsideUrl(
  text: string,
  networks: BlockList,
  networksKey: NetworksKey = 'WEBHOOK_NETWORKS',
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || text.length > urlMax || /[\s\p{Cc}]/u.test(text))
    throw refusal(`Enter an address like https://hooks.company.example/sallyport.`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusal('The address begins with https://.');
  if (url.username !== '' || url.password !== '')
    throw refusal('The address has no user name and no password in it.');
  const port = Number(url.port === '' ? defaultPorts[url.protocol] : url.port);
  if (port < 1024 && port !== 443 && port !== 80)
    throw refusal('The port is 443, 80, or 1024 or higher.');
  const host = bareHost(url);
  if (isIP(host) !== 0) refuseAddress(host, url, networks, networksKey);
  else if (url.protocol === 'http:' && networks.rules.length === 0)
    throw refusal(onlyTls(networksKey));
  return url;
}

const defaultPorts: Record<string, string> = { 'https:': '443', 'http:': '80' };
const onlyTls = (key: NetworksKey) =>
  `The address begins with https://; http:// is for networks in ${key}.`;
const refusal = (message: string) => new AppError('invalid_input', message);
const bareHost = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
const literal = (address: string): Resolved => ({ address, family: isIP(address) });

function refuseAddress(
  address: string,
  { protocol }: URL,
  networks: BlockList,
  key: NetworksKey = 'WEBHOOK_NETWORKS',
): void {
  if (isListed(judgedAddress(address), networks)) return;
  if (!isPublicAddress(address))
    throw refusal(
      `The address leads inside: to this machine, a private network or a reserved address. ${key} names the networks that may be reached all the same.`,
    );
  if (protocol === 'http:') throw refusal(onlyTls(key));
}

const resolveAll: Resolve = (name) => resolveName(name, { all: true, verbatim: true });

async function resolved(name: string, resolve: Resolve): Promise<readonly Resolved[]> {
  const found = await resolve(name).catch((cause: unknown) => {
    throw new AppError('unavailable', 'The name has no address.', { cause });
  });
  if (found.length === 0 || found.length > addressesMax)
    throw new AppError('unavailable', 'The name has no address, or too many.');
  return found;
}

function send(
  url: URL,
  addresses: readonly Resolved[],
  { method = 'GET', headers = {}, body, bytesMax = 65_536 }: Omit<OutsideRequest, 'networks'>,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  return new Promise((done, fail) => {
    const options = {
      method,
      headers:
        body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: lookupAmong(addresses),
      signal,
    };
    const asked =
      url.protocol === 'https:'
        ? requestTls(url, {
            ...options,
            agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
          })
        : requestPlain(url, { ...options, agent: false });
    asked.on('error', (cause: NodeJS.ErrnoException) => fail(connectionError(cause)));
    asked.once('response', (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = (isCut: boolean) => {
        const { statusCode: status = 0, headers } = answer;
        done({ status, headers, body: Buffer.concat(chunks).subarray(0, bytesMax), isCut });
        asked.destroy();
      };
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > bytesMax) end(true);
      });
      answer.once('end', () => end(false));
      answer.on('error', (cause) => fail(connectionError(cause)));
    });
    asked.end(body);
  });
}

/** INVARIANT: a connection goes to an address that was judged; nobody asks DNS a second time. */
export const lookupAmong =
  (addresses: readonly Resolved[]): LookupFunction =>
  (_name, options, found) => {
    const [first] = addresses;
    if (options.all === true) found(null, [...addresses]);
    else found(null, first?.address ?? '', first?.family);
  };

function connectionError(cause: NodeJS.ErrnoException): AppError {
  if (cause instanceof AppError) return cause;
  const code = /^[A-Z0-9_]{2,60}$/.test(cause.code ?? '') ? ` (${cause.code})` : '';
  return new AppError('unavailable', `The connection failed${code}.`, { cause });
}
