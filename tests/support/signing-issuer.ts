import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

/** What a token says; `undefined` leaves a claim out. */
export type Claims = Record<string, unknown>;

type Header = { alg?: string; typ?: string; kid?: string };

/**
 * An issuer of a test's own on loopback, which signs whatever it is told to: what a foreign one would never send.
 * `answers` takes precedence over its description and its keys, by path.
 */
export async function startSigningIssuer() {
  const answers = new Map<string, RequestListener>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    const answer = answers.get(path);
    if (answer !== undefined) return answer(request, response);
    response.setHeader('content-type', 'application/json');
    if (path === '/.well-known/openid-configuration') response.end(JSON.stringify(description));
    else if (path === '/keys') response.end(JSON.stringify({ keys }));
    else response.writeHead(404).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is one.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const described = {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    userinfo_endpoint: `${url}/userinfo`,
  };
  const description: Record<string, unknown> = { ...described };
  const first = await generateKeyPair('RS256', { extractable: true });
  const second = await generateKeyPair('ES256', { extractable: true });
  const keys: object[] = [{ ...(await exportJWK(first.publicKey)), kid: 'first', use: 'sig' }];
  const json =
    (status: number, body: unknown): RequestListener =>
    (_, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return {
    url,
    asked,
    answers,
    description,
    json,
    /** As PEM: what a forger could take for an HMAC's secret. */
    publicKey: await exportSPKI(first.publicKey),
    /** As when it started, but for its keys. */
    reset() {
      answers.clear();
      asked.length = 0;
      for (const name of Object.keys(description)) delete description[name];
      Object.assign(description, described);
    },
    /** From now on the second key is listed too. */
    async listSecondKey() {
      keys.push({ ...(await exportJWK(second.publicKey)), kid: 'second' });
    },
    sign: (claims: Claims, { alg = 'RS256', typ, kid = 'first' }: Header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, kid, ...(typ === undefined ? {} : { typ }) })
        .sign(kid === 'second' ? second.privateKey : first.privateKey),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export type SigningIssuer = Awaited<ReturnType<typeof startSigningIssuer>>;
