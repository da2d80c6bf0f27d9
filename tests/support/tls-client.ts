import { once } from 'node:events';
import { Agent, type AgentOptions, request } from 'node:https';
import { credentials } from '@grpc/grpc-js';
import type { Issued } from './authority';

/** What a client shows, and whom it believes. */
export type Shown = {
  /** Its own first, then the authorities between. */
  chain: readonly Issued[];
  serverCa: string;
};

export const pemOf = (chain: readonly Issued[]): string =>
  chain.map(({ pem }) => `${pem}\n`).join('');

/** What Node's TLS takes of it; without a chain nothing is shown. */
export const tlsOf = ({ chain, serverCa }: Shown): AgentOptions => ({
  ca: serverCa,
  servername: 'localhost',
  ...(chain[0] === undefined ? {} : { cert: pemOf(chain), key: chain[0].keyPem }),
});

/** An agent that keeps its one connection, as exporters do. */
export const keptAgent = (shown: Shown, options: AgentOptions = {}): Agent =>
  new Agent({ keepAlive: true, maxSockets: 1, ...tlsOf(shown), ...options });

export const grpcChannel = ({ chain, serverCa }: Shown) =>
  chain[0] === undefined
    ? credentials.createSsl(Buffer.from(serverCa))
    : credentials.createSsl(
        Buffer.from(serverCa),
        Buffer.from(chain[0].keyPem),
        Buffer.from(pemOf(chain)),
      );

export type TlsAnswer = { status: number; body: string };

/** Posts JSON to /v1/traces over TLS. */
export async function postOverTls(
  port: number,
  agent: Agent,
  body = '{"resourceSpans":[]}',
  headers: Record<string, string> = {},
): Promise<TlsAnswer> {
  const sent = request({
    host: '127.0.0.1',
    port,
    agent,
    method: 'POST',
    path: '/v1/traces',
    headers: { 'content-type': 'application/json', ...headers },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, body: text };
}
