import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { parseNetworks } from './network';
import { fetchOutside, parseOutsideUrl, type Resolve } from './outbound';

const none = parseNetworks('');
const loopback = parseNetworks('127.0.0.0/8');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}

const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

test.each([
  ['nonsense', 'Enter an address'],
  ['', 'Enter an address'],
  ['https://', 'Enter an address'],
  ['https://a b.example/', 'Enter an address'],
  ['https://a.example/\r\nx: y', 'Enter an address'],
  [`https://a.example/${'x'.repeat(2048)}`, 'Enter an address'],
  ['file:///etc/passwd', 'begins with https://'],
  ['javascript:alert(1)', 'begins with https://'],
  ['ftp://a.example/', 'begins with https://'],
  ['http://a.example/', 'begins with https://'],
  ['https://user@a.example/', 'no user name'],
  ['https://user:secret@a.example/', 'no user name'],
  ['https://a.example:22/', 'port is'],
  ['https://a.example:0/', 'port is'],
  ['https://127.0.0.1/', 'leads inside'],
  ['https://2130706433/', 'leads inside'],
  ['https://0x7f.1/', 'leads inside'],
  ['https://0177.0.0.1/', 'leads inside'],
  ['https://127.1:8443/', 'leads inside'],
  ['https://１２７.0.0.1/', 'leads inside'],
  ['https://[::1]/', 'leads inside'],
  ['https://[::ffff:10.0.0.1]/', 'leads inside'],
  ['https://169.254.169.254/latest/meta-data', 'leads inside'],
])('refuses %s', (url, sentence) => {
  expect(() => parseOutsideUrl(url, none)).toThrow(sentence);
});

test('takes https with a name, a public address or a listed one, and http for what is listed', () => {
  for (const url of ['https://hooks.company.example/a?b=c', 'https://1.1.1.1:8443/'])
    expect(parseOutsideUrl(url, none).href).toBe(url);
  for (const url of ['http://127.0.0.1:8080/', 'https://127.0.0.1/', 'http://hooks.internal/'])
    expect(parseOutsideUrl(url, loopback).href).toBe(url);
  expect(() => parseOutsideUrl('http://1.1.1.1/', loopback)).toThrow('https://');
  expect(() => parseOutsideUrl('https://10.0.0.1/', loopback)).toThrow('leads inside');
});

// If this fails, a name that anybody may register reaches what only this machine may.
test.each([
  [['127.0.0.1']],
  [['1.1.1.1', '10.0.0.1']],
  [['::ffff:127.0.0.1']],
  [['64:ff9b::7f00:1']],
  [['fe80::1%eth0']],
])('a name that resolves to %j is never asked', async (addresses) => {
  let asked = 0;
  const port = await listen((_request, response) => {
    asked += 1;
    response.end();
  });
  const request = fetchOutside(`https://inside.example:${port}/`, {
    networks: none,
    resolve: to(...addresses),
  });
  await expect(request).rejects.toThrow('leads inside');
  expect(asked).toBe(0);
});

// If this fails, a name that answers differently to the second question gets through (DNS rebinding).
test('the connection goes to what was judged, and the name is resolved once', async () => {
  const hosts: (string | undefined)[] = [];
  const port = await listen((request, response) => {
    hosts.push(request.headers.host);
    response.end('well');
  });
  let times = 0;
  const resolve: Resolve = async () => {
    times += 1;
    return [{ address: '127.0.0.1', family: 4 }];
  };
  const answer = await fetchOutside(`http://rebound.example:${port}/`, {
    networks: loopback,
    resolve,
  });
  expect([answer.status, answer.body.toString(), answer.isCut]).toEqual([200, 'well', false]);
  expect([times, hosts]).toEqual([1, [`rebound.example:${port}`]]);
});

test('http to a public address behind a name is refused', async () => {
  const request = fetchOutside('http://public.example/', {
    networks: loopback,
    resolve: to('1.1.1.1'),
  });
  await expect(request).rejects.toThrow('https://');
});

test('a redirect is an answer, and is not followed', async () => {
  const paths: (string | undefined)[] = [];
  const port = await listen((request, response) => {
    paths.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const answer = await fetchOutside(`http://127.0.0.1:${port}/here`, { networks: loopback });
  expect([answer.status, paths]).toEqual([302, ['/here']]);
});

test('of a big answer no more than was asked for is read', async () => {
  let isClosed = false;
  const port = await listen((_request, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
    response.on('close', () => {
      clearInterval(timer);
      isClosed = true;
    });
  });
  const answer = await fetchOutside(`http://127.0.0.1:${port}/`, { networks: loopback });
  expect([answer.body.length, answer.isCut]).toEqual([65_536, true]);
  await expect.poll(() => isClosed).toBe(true);
});

test.each(['before its head', 'after its head'])(
  'an answer that stalls %s is given up',
  async (when) => {
    let isClosed = false;
    const port = await listen((_request, response) => {
      response.on('close', () => {
        isClosed = true;
      });
      if (when === 'after its head') response.writeHead(200).write('a');
    });
    const started = performance.now();
    const request = fetchOutside(`http://127.0.0.1:${port}/`, {
      networks: loopback,
      timeoutMs: 200,
    });
    await expect(request).rejects.toThrow('no whole answer');
    expect(performance.now() - started).toBeLessThan(2000);
    await expect.poll(() => isClosed).toBe(true);
  },
);

test('a name that is never resolved is given up too, and one without an address says so', async () => {
  const never: Resolve = () => new Promise(() => undefined);
  const request = { networks: none, timeoutMs: 50 };
  await expect(
    fetchOutside('https://slow.example/', { ...request, resolve: never }),
  ).rejects.toThrow('no whole answer');
  await expect(fetchOutside('https://no.example/', { ...request, resolve: to() })).rejects.toThrow(
    'no address',
  );
});

test('https to a server that speaks no TLS tells it nothing', async () => {
  const port = await listen((_request, response) => response.end());
  const request = fetchOutside(`https://127.0.0.1:${port}/`, { networks: loopback });
  await expect(request).rejects.toThrow('connection failed');
});
