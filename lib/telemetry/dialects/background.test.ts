import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from '../normalise';
import type { AnyValue, Interaction, Span } from '../schema';
import { hostOf } from './http';

const NOW_MS = 1_795_000_002_000;
const [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [1, 2, 3, 4, 5];

const read = (kind: number, attributes: Record<string, AnyValue>, change: Partial<Span> = {}) =>
  normaliseSpan(
    decodedSpan(Object.entries(attributes), { kind, ...change }),
    decodedOrigin({ resource: [['service.name', 'till']] }),
    NOW_MS,
  );
const factsOf = ({ bodies: _, ...facts }: Interaction) =>
  Object.values(facts)
    .filter((fact) => typeof fact === 'string')
    .join('\n');

describe('background work is an exchange of data', () => {
  it.each<[string, number, Record<string, AnyValue>, Partial<Interaction>]>([
    [
      'a request by the stable names',
      CLIENT,
      {
        'http.request.method': 'POST',
        'url.full': 'https://rates.example.com:8443/v2',
        'server.address': 'rates.example.com',
        'server.port': 8443,
      },
      { operation: 'POST', resource: 'rates.example.com:8443', resourceKind: 'endpoint' },
    ],
    [
      'a request by the older names',
      CLIENT,
      {
        'http.method': 'GET',
        'http.url': 'http://me:hunter2@[2001:db8::1]:81/a?key=k',
        'http.status_code': 503,
      },
      { operation: 'GET', resource: '[2001:db8::1]:81', serverPort: 81 },
    ],
    [
      'a request that is served, by the stable names',
      SERVER,
      {
        'http.request.method': 'GET',
        'server.address': 'till.example.com',
        'client.address': '10.1.2.3',
        'url.path': '/a',
      },
      { resource: '10.1.2.3', serverAddress: 'till.example.com', clientAddress: '10.1.2.3' },
    ],
    [
      'a request that is served, by the older names',
      SERVER,
      {
        'http.method': 'GET',
        'http.url': 'http://till.example.com/a',
        'net.host.name': 'till.example.com',
        'net.host.port': 80,
        'net.peer.ip': '10.1.2.3',
        'net.peer.port': 51_000,
      },
      {
        resource: '10.1.2.3',
        clientPort: 51_000,
        serverAddress: 'till.example.com',
        serverPort: 80,
      },
    ],
    [
      'a request of nobody in particular',
      SERVER,
      { 'http.method': 'GET', 'net.host.name': 'till.example.com' },
      { resource: null, resourceKind: null },
    ],
    [
      'a call of a procedure',
      CLIENT,
      {
        'rpc.system.name': 'grpc',
        'rpc.service': 'shop.Till',
        'rpc.method': 'Pay',
        'server.address': 'till.internal',
        'server.port': 50_051,
      },
      { operation: 'Pay', resource: 'till.internal:50051', provider: 'grpc' },
    ],
    [
      'a query',
      CLIENT,
      {
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'db.operation.name': 'SELECT',
        'server.address': 'db.internal',
        'server.port': 5432,
      },
      {
        operation: 'SELECT',
        resource: 'db.internal:5432/shop',
        resourceKind: 'data_source',
        provider: 'postgresql',
      },
    ],
    [
      'a query by the older names',
      CLIENT,
      {
        'db.system': 'mysql',
        'db.name': 'shop',
        'db.statement': 'SELECT 1',
        'net.peer.name': 'db',
      },
      { resource: 'db/shop', resourceKind: 'data_source' },
    ],
    [
      'a message sent',
      PRODUCER,
      {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        'messaging.operation.type': 'send',
        'messaging.message.id': 'm-7',
        'server.address': 'broker-1',
      },
      { operation: 'send', resource: 'orders', resourceKind: 'endpoint', requestId: 'm-7' },
    ],
    [
      'a message taken',
      CONSUMER,
      {
        'messaging.system': 'rabbitmq',
        'messaging.operation': 'process',
        'net.peer.name': 'broker-1',
      },
      { operation: 'process', resource: 'broker-1', serverAddress: 'broker-1' },
    ],
    [
      'the call of a function',
      CLIENT,
      { 'faas.invoked_name': 'thumbnails', 'faas.invoked_provider': 'aws' },
      { resource: 'thumbnails', resourceKind: 'endpoint' },
    ],
    [
      'a function set off by a message',
      SERVER,
      { 'faas.trigger': 'pubsub', 'client.address': 'topic-1' },
      { operation: 'pubsub', resource: 'topic-1' },
    ],
  ])('%s', (_what, kind, attributes, expected) => {
    expect(read(kind, attributes)).toMatchObject({ kind: 'data_transfer', ...expected });
  });

  it.each([{ 'faas.trigger': 'timer' }, { 'faas.trigger': 'other' }, { 'faas.cron': '0 3 * * *' }])(
    'what a timer or nobody sets off is a process: %o',
    (attributes) => {
      expect(read(SERVER, attributes)).toMatchObject({ kind: 'process', resource: null });
    },
  );

  it('what a query says is its input', () => {
    const { bodies } = read(CLIENT, { 'db.query.text': 'SELECT 1' });
    expect(bodies[0]).toEqual({ role: 'input', text: 'SELECT 1' });
  });

  it.each([
    [{ 'http.status_code': 502 }, '502'],
    [{ 'http.response.status_code': 502, 'error.type': 'timeout' }, 'timeout'],
    [{ 'rpc.grpc.status_code': 14 }, '14'],
    [{ 'db.system': 'x', 'db.response.status_code': '42P01' }, '42P01'],
  ])('a failure without a type is named by its code: %o', (attributes, errorType) => {
    expect(read(CLIENT, attributes, { statusCode: 2 })).toMatchObject({
      status: 'error',
      errorType,
    });
  });

  it.each<[number, Record<string, AnyValue>, string, number?]>([
    [SERVER, { 'http.status_code': 500 }, 'error'],
    [CLIENT, { 'http.response.status_code': 500 }, 'error'],
    [INTERNAL, { 'http.response.status_code': 503 }, 'error'],
    [CLIENT, { 'http.response.status_code': 404 }, 'error'],
    [SERVER, { 'http.response.status_code': 404 }, 'unset'],
    [CLIENT, { 'http.response.status_code': 399 }, 'unset'],
    [CLIENT, { 'http.response.status_code': 'none' }, 'unset'],
    [CLIENT, { 'http.response.status_code': 404 }, 'ok', 1],
    [SERVER, { 'rpc.grpc.status_code': 13 }, 'error'],
    [SERVER, { 'rpc.grpc.status_code': 5 }, 'unset'],
    [CLIENT, { 'rpc.grpc.status_code': 5 }, 'error'],
    [CLIENT, { 'rpc.grpc.status_code': 0 }, 'unset'],
    [CLIENT, { 'rpc.grpc.status_code': 13 }, 'ok', 1],
    [SERVER, { 'rpc.response.status_code': 'INTERNAL' }, 'error'],
    [SERVER, { 'rpc.response.status_code': 'NOT_FOUND' }, 'unset'],
    [CLIENT, { 'rpc.response.status_code': 'OK' }, 'unset'],
    [CLIENT, { 'rpc.connect_rpc.error_code': 'not_found' }, 'error'],
    [CLIENT, { 'rpc.connect_rpc.error_code': 'canceled' }, 'error'],
    [SERVER, { 'rpc.response.status_code': '-32603' }, 'error'],
    [CLIENT, { 'rpc.response.status_code': '20' }, 'unset'],
    [CLIENT, { 'rpc.response.status_code': '-' }, 'unset'],
  ])('of kind %i with %o and no status is %s', (kind, attributes, status, statusCode = 0) => {
    const told = read(kind, attributes, { statusCode });
    expect(told).toMatchObject({ kind: 'data_transfer', status });
    expect(told.errorType).toBe(status === 'error' ? `${Object.values(attributes)[0]}` : null);
  });

  it.each(['create', 'settle'])('to %s a message is a step of what moves it', (operation) => {
    for (const name of ['messaging.operation.type', 'messaging.operation'])
      expect(read(CLIENT, { 'messaging.destination.name': 'q', [name]: operation })).toMatchObject({
        kind: 'step',
        resource: null,
      });
  });

  it('a code of what went well is no error', () => {
    expect(read(INTERNAL, { 'http.status_code': 200 })).toMatchObject({
      status: 'unset',
      errorType: null,
    });
  });
});

describe('what an address may hold besides a host', () => {
  const secrets = /hunter2|token|s3cret/;

  it.each([
    'https://me:hunter2@h.example/a?token=s3cret',
    'https://me:hunter2@x@h.example/a',
    'https://h.example?token=s3cret',
    'https://h.example#token=s3cret',
    `https://${'hunter2'.repeat(1000)}@h.example/a`,
  ])('is in no fact: %s', (url) => {
    const interaction = read(CLIENT, { 'http.url': url }, { name: `GET ${url}` });
    expect(interaction.serverAddress).toBe('h.example');
    expect(factsOf(interaction)).not.toMatch(secrets);
    const remains = interaction.bodies.find(({ role }) => role === 'attributes')?.text ?? '';
    expect(JSON.parse(remains)).toMatchObject({ name: `GET ${url}`, span: { 'http.url': url } });
  });

  it.each(['://'.repeat(300_000), `#${'://'.repeat(300_000)}`, `http://${'a@'.repeat(300_000)}`])(
    'takes no longer to be left out of a name than the name is long',
    (name) => {
      const started = performance.now();
      read(CLIENT, { 'http.url': name }, { name });
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );

  it('a name that only looks like an address stays as it is', () => {
    expect(read(CLIENT, { 'http.method': 'GET' }, { name: 'users#show @me' }).name).toBe(
      'users#show @me',
    );
  });

  it.each<[string, string | null, number | null]>([
    ['https://h.example', 'h.example', null],
    ['HTTPS://h.example:443/a', 'h.example', 443],
    ['http://[::1]:80/', '::1', 80],
    ['http://h.example\\@evil.example/', 'h.example', null],
    ['http://good.example@evil.example/', 'evil.example', null],
    ['http://h.example:99999/', 'h.example', null],
    ['http://h example/', null, null],
    ['//h.example/', null, null],
    ['h.example', null, null],
    ['javascript:alert(1)', null, null],
    ['http://', null, null],
    [`http://${'h'.repeat(256)}/`, null, null],
    [`http://${'a@'.repeat(50_000)}`, null, null],
    ['', null, null],
  ])('%s is at %s', (url, address, port) => {
    expect(hostOf(url)).toEqual(address === null ? null : { address, port });
  });
});
