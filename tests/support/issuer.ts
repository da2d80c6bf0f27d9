import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** Somebody whom the organisation's own sign-in knows. */
export type Known = {
  email?: string;
  emailVerified?: boolean;
  name: string;
  groups: string[];
  /** How this person proves itself there. */
  amr: string[];
  acr?: string;
};

export type RunningIssuer = {
  /** `http://127.0.0.1:PORT`, as it writes itself. */
  url: string;
  people: Map<string, Known>;
  /** Whose browser comes next; null: whoever comes is refused. */
  next: string | null;
  /** From when on it answers: where the console is must be known for that. */
  serve(client: { consoleUrl: string; clientId: string; clientSecret: string }): void;
  stop(): Promise<void>;
};

/** An OpenID provider that others wrote, on a free port of loopback, which asks nobody for a password. */
export async function startIssuer(): Promise<RunningIssuer> {
  let answer = (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is one.
  const { port } = server.address() as AddressInfo;
  const issuer: RunningIssuer = {
    url: `http://127.0.0.1:${port}`,
    people: new Map(),
    next: null,
    serve(client) {
      const made = createProvider(issuer, client);
      const callback = made.callback();
      answer = (request, response) => {
        if (request.url?.startsWith('/interaction/'))
          void interact(issuer, made, request, response);
        else void callback(request, response);
      };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
}

async function interact(
  { next, people }: RunningIssuer,
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const known = next === null ? undefined : people.get(next);
  await provider.interactionFinished(
    request,
    response,
    next === null || known === undefined
      ? { error: 'access_denied', error_description: 'nobody is known by that name' }
      : {
          login: {
            accountId: next,
            amr: known.amr,
            ...(known.acr === undefined ? {} : { acr: known.acr }),
          },
        },
  );
}

function createProvider(
  { url, people }: RunningIssuer,
  client: { consoleUrl: string; clientId: string; clientSecret: string },
): Provider {
  return new Provider(url, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${client.consoleUrl}/api/auth/callback/sso`],
        backchannel_logout_uri: `${client.consoleUrl}/api/oidc/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    claims: {
      openid: ['sub', 'amr', 'acr'],
      email: ['email', 'email_verified'],
      profile: ['name', 'groups'],
    },
    cookies: { keys: ['not a secret: these tests only'] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // It refuses to call loopback, where the console of a test is.
    fetch: (address, options) => fetch(address, { ...options, ...{ dispatcher: undefined } }),
    findAccount: (_, sub) => {
      const known = people.get(sub);
      if (known === undefined) return undefined;
      const { email, emailVerified, name, groups } = known;
      return {
        accountId: sub,
        claims: () => ({ sub, email, email_verified: emailVerified, name, groups }),
      };
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
  });
}
