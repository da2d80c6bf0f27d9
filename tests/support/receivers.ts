import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { testCertificate } from './certificate';

export type Received = { path: string; headers: IncomingHttpHeaders; body: string };

export type Receiver = {
  url: string;
  received: Received[];
  /** Answers what comes from now on; 204 at first. */
  answer(by: number | ((response: ServerResponse) => void)): void;
  close(): Promise<void>;
};

/** A server of somebody else's on loopback, which keeps what it is sent. */
export async function startReceiver({ tls = false } = {}): Promise<Receiver> {
  const received: Received[] = [];
  let answer: Parameters<Receiver['answer']>[0] = 204;
  const onRequest: Parameters<typeof createServer>[1] = (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(response);
    });
  };
  const server: Server = tls
    ? createTlsServer(testCertificate, onRequest)
    : createServer({}, onRequest);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}/hook`,
    received,
    answer(by) {
      answer = by;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export type SinkMail = {
  from: string;
  to: string[];
  raw: string;
  isSecure: boolean;
  user: string | null;
};
export type Sink = { port: number; mails: SinkMail[]; close(): Promise<void> };

/** A mail server on loopback that takes everything and sends nothing on. */
export async function startSink(options: SMTPServerOptions = {}): Promise<Sink> {
  const mails: SinkMail[] = [];
  const server = new SMTPServer({
    ...testCertificate,
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, done) => done(null, { user: username ?? '' }),
    onData(stream, { envelope, secure, user }, done) {
      let raw = '';
      stream.on('data', (chunk) => {
        raw += chunk;
      });
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({
          from,
          to,
          raw,
          isSecure: secure,
          user: user === undefined ? null : String(user),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise((closed) => server.close(() => closed())) };
}

/** What a mail says, without how it was written for the way. */
export function textOfMail({ raw }: SinkMail): string {
  return raw
    .slice(raw.indexOf('\r\n\r\n') + 4)
    .replace(/=\r\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (bytes) => decodeURIComponent(bytes.replaceAll('=', '%')));
}
