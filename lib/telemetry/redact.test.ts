import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignedSecretTriggers } from './assigned-secrets';
import { knownSecrets } from './known-secrets';
import { namedSecretTriggers } from './named-secrets';
import { redactText } from './redact';

/** Pieces are joined here, so that no scanner takes this file for a leak. */
const pieces = (...parts: string[]) => parts.join('');
const letters = (length: number) => 'aB3dE5gH7jK9mN1pQ2sT4vW6'.repeat(40).slice(0, length);
const awsSecret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const redacted = (text: string) => {
  const tally = new Map<string, number>();
  return { text: redactText(text, tally), kinds: Object.fromEntries(tally) };
};

const shapes: [kind: string, secret: string][] = [
  ['aws_key', pieces('AKIA', 'IOSFODNN7EXAMPLE')],
  ['aws_key', pieces('ASIA', 'IOSFODNN7EXAMPLE')],
  ['aws_key', pieces('AKIA', 'IOSFODNN7EXAMPLE', ',', awsSecret)],
  ['github_token', pieces('ghp', '_', letters(36))],
  ['github_token', pieces('gho', '_', letters(36))],
  ['github_token', pieces('ghu', '_', letters(36))],
  ['github_token', pieces('ghs', '_', letters(36))],
  ['github_token', pieces('ghr', '_', letters(36))],
  ['github_token', pieces('github', '_pat_', letters(22), '_', letters(59))],
  ['gitlab_token', pieces('glpat', '-', letters(20))],
  ['openai_key', pieces('sk', '-', letters(48))],
  ['openai_key', pieces('sk', '-proj-', letters(48))],
  ['openai_key', pieces('sk', '-', 'a'.repeat(32))],
  ['anthropic_key', pieces('sk', '-ant-api03-', letters(80))],
  ['google_key', pieces('AIza', letters(35))],
  ['google_token', pieces('ya29', '.', letters(60))],
  ['slack_token', pieces('xoxb', '-1234567890-', letters(24))],
  ['slack_token', pieces('xoxp', '-1234567890-', letters(24))],
  ['slack_token', pieces('xapp', '-1-A0123-', letters(24))],
  ['stripe_key', pieces('sk', '_live_', letters(24))],
  ['stripe_key', pieces('rk', '_live_', letters(24))],
  ['stripe_key', pieces('whsec', '_', letters(32))],
  ['npm_token', pieces('npm', '_', letters(36))],
  ['pypi_token', pieces('pypi', '-AgEIcHlwaS5vcmc', letters(40))],
  ['huggingface_token', pieces('hf', '_', letters(34))],
  ['sendgrid_key', pieces('SG', '.', letters(22), '.', letters(43))],
  ['twilio_key', pieces('SK', '0123456789abcdef'.repeat(2))],
  ['jwt', pieces('eyJ', 'hbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiIxIn0.', letters(43))],
  ['jwt', pieces('eyJ', 'hbGciOiJub25lIn0.', 'eyJzdWIiOiIxIn0.')],
  ['sallyport_key', pieces('slp', '_ik_', letters(43))],
];

describe('a secret of a known shape', () => {
  it.each(shapes)('%s is replaced wherever it stands', (kind, secret) => {
    for (const [before, after] of [
      ['', ''],
      ['use ', ' please'],
      ['{"a":"', '"}'],
      ['first line\\n', '\\nlast line'],
      ['https://example.com/?q=', '&x=1'],
      ['https://example.com/?q%3D', '%26'],
      ['KEY=', ';'],
      ["['", "']"],
      ['ünïcödé 漢字 ', ' 😀'],
    ] as const) {
      expect(redacted(before + secret + after)).toEqual({
        text: `${before}[redacted:${kind}]${after}`,
        kinds: { [kind]: 1 },
      });
    }
  });

  it.each([
    ['bearer', 'Authorization: Bearer ', 'abcdef123456'],
    ['bearer', 'bearer ', letters(40)],
    ['basic', 'Basic ', Buffer.from('user:pass').toString('base64')],
    ['url_password', 'postgres://app:', 'p4ss@w0rd!'],
    ['url_password', 'redis://:', 'hunter2'],
  ])('%s is replaced and what leads to it is kept: %s', (kind, lead, secret) => {
    const tail = kind === 'url_password' ? '@db.internal/main' : '';
    expect(redacted(`${lead}${secret}${tail}`)).toEqual({
      text: `${lead}[redacted:${kind}]${tail}`,
      kinds: { [kind]: 1 },
    });
  });

  it('a private key goes whole, on real lines, on escaped ones, and when it was cut short', () => {
    const begin = pieces('-----BEGIN ', 'RSA PRIVATE', ' KEY-----');
    const end = pieces('-----END ', 'RSA PRIVATE', ' KEY-----');
    for (const line of ['\n', '\\n', '\\\\n']) {
      const key = [begin, 'Proc-Type: 4,ENCRYPTED', letters(64), `${letters(30)}==`, end].join(
        line,
      );
      expect(redacted(`x ${key} and then`).text).toBe('x -----[redacted:private_key] and then');
      const cutShort = [begin, letters(64), letters(64)].join(line);
      expect(redacted(`{"k":"${cutShort}"}`).text).toBe('{"k":"-----[redacted:private_key]"}');
    }
  });

  it('several are all replaced and counted by kind', () => {
    const key = shapes[0]?.[1] ?? '';
    expect(redacted(`${key} ${key} Bearer ${letters(20)}`).kinds).toEqual({
      aws_key: 2,
      bearer: 1,
    });
  });
});

describe('what only looks like a secret stays', () => {
  it.each([
    'the bearer of this letter has basic authentication and basic information',
    'sk-learn-compatible-estimators are a risk-based-assessment-of-everything',
    'a task_live_something, an ask-me-anything-about-it-please',
    'commit 3f786850e387550fdab836ed7e6dc881de23001b and uuid 018f4e7a-1111-7000-8000-000000000000',
    'pypi-package-name-with-many-words, npm_config_registry, hf_hub',
    'https://example.com:8080/path?mail=a@b.example and ftp://host/x',
    '{"max_tokens":1024,"input_tokens":5,"token_count":7,"tokenizer":"o200k"}',
    '{"token":"the","logprob":-0.1}',
    '{"has_password":true,"password":null,"password":""}',
    '{"name":"login","parameters":{"properties":{"password":{"type":"string"},"api_key":{"description":"yours"}}}}',
    '{"type":"object","required":["password","token"]}',
    'enter your password: then press the key',
    'api_key=os.environ["OPENAI_API_KEY"]',
    "UPDATE users SET password = '?' WHERE id = $1",
    "SELECT password, api_key FROM users WHERE name = 'a' AND password = $2",
    "WHERE token = 'short' OR password='' OR secret=':secret'",
    "the day 'twas sold by 'the crown' and 'loved'",
    'GET /orders/{id}?page=2&sort_key=name&status_code=200&country_code=de&key={key}',
    'code=200 key=value; x',
    '{"a":"code=200","b":"key=value"}',
    'eyJust words. And more.words',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  ])('%s', (text) => {
    expect(redacted(text)).toEqual({ text, kinds: {} });
  });
});

const names: [kind: string, name: string][] = [
  ['authorization', 'authorization'],
  ['authorization', 'http.request.header.authorization'],
  ['authorization', 'Proxy-Authorization'],
  ['api_key', 'api_key'],
  ['api_key', 'apikey'],
  ['api_key', 'apiKey'],
  ['api_key', 'x-api-key'],
  ['api_key', 'OPENAI_API_KEY'],
  ['api_key', 'Ocp-Apim-Subscription-Key'],
  ['password', 'password'],
  ['password', 'db.PASSWORD'],
  ['password', 'passwd'],
  ['password', 'pwd'],
  ['password', 'passphrase'],
  ['secret', 'secret'],
  ['secret', 'client_secret'],
  ['secret', 'clientSecret'],
  ['aws_secret', 'aws_secret_access_key'],
  ['aws_secret', 'secretAccessKey'],
  ['token', 'access_token'],
  ['token', 'accessToken'],
  ['token', 'refresh_token'],
  ['token', 'id_token'],
  ['token', 'x-auth-token'],
  ['token', 'aws_session_token'],
  ['private_key', 'private_key'],
  ['private_key', 'privateKey'],
  ['cookie', 'cookie'],
  ['cookie', 'Set-Cookie'],
  ['credential', 'credential'],
  ['credential', 'credentials'],
  ['connection_string', 'connection_string'],
  ['connection_string', 'connectionString'],
];

describe('a value that stands under a secret’s name', () => {
  it.each(names)('%s: %s is replaced at any depth and in any form', (kind, name) => {
    const marker = 'm4rk3r';
    for (const value of [marker, [marker], { a: { b: [marker, `]}"\\${marker}`] } }, 777_123]) {
      for (const json of [
        JSON.stringify({ [name]: value, other: 'kept' }),
        JSON.stringify({ [name]: value, other: 'kept' }, null, 2),
        JSON.stringify({ deep: [{ in: { [name]: value } }], other: 'kept' }),
        JSON.stringify({ body: JSON.stringify({ [name]: value }), other: 'kept' }),
        JSON.stringify({
          a: JSON.stringify({ b: JSON.stringify({ [name]: value }) }),
          other: 'kept',
        }),
      ]) {
        const { text, kinds } = redacted(json);
        expect(text).not.toMatch(/m4rk3r|777123/);
        expect(kinds).toEqual({ [kind]: 1 });
        expect(JSON.parse(text).other).toBe('kept');
      }
    }
  });

  it('JSON inside JSON is still JSON inside JSON', () => {
    const inner = JSON.stringify({ password: 'a"b\\', after: 1 });
    const { text } = redacted(JSON.stringify({ arguments: inner }));
    expect(JSON.parse(JSON.parse(text).arguments)).toEqual({
      password: '[redacted:password]',
      after: 1,
    });
  });

  it('JSON that was cut short inside a string ends where the string does', () => {
    for (const inner of [
      '{"password":"cut',
      '{"credentials":{"user":"cut',
      '{"credentials":{"user":"a","x":[1,',
      "{'cookies': {'a': 'cut",
    ]) {
      const json = JSON.stringify({ a: inner, b: 'kept', c: JSON.stringify({ d: inner }) });
      const { text } = redacted(json);
      expect(text).not.toContain('cut');
      expect(JSON.parse(text).b).toBe('kept');
      expect(() => JSON.parse(JSON.parse(text).c)).not.toThrow();
    }
  });

  it('a token of sixteen characters without a space is one, a word is none', () => {
    expect(redacted(`{"token":"${letters(16)}"}`).kinds).toEqual({ token: 1 });
    expect(redacted('{"token":"a sentence that goes on"}').kinds).toEqual({});
  });

  it.each([
    ["{'password': 'hunter2', 'a': 1}", "{'password': '[redacted:password]', 'a': 1}"],
    [`AWS_SECRET_ACCESS_KEY=${awsSecret}`, 'AWS_SECRET_ACCESS_KEY=[redacted:aws_secret]'],
    ['curl -H "X-API-Key: abc123def456"', 'curl -H "X-API-Key: [redacted:api_key]"'],
    ['/?access_token=abc123def456&x=1', '/?access_token=[redacted:token]&x=1'],
    ['{"password":"cut short', '{"password":"[redacted:password]'],
    ['{"credentials":{"user":"a","pin', '{"credentials":"[redacted:credential]"'],
  ])('%s', (text, expected) => {
    expect(redacted(text).text).toBe(expected);
  });

  it.each([
    ["UPDATE users SET password='#' WHERE id = 7", 'hunter22', 'password'],
    ["SELECT 1 WHERE api_key = '#' AND x = 'kept'", 'abcd-efgh', 'api_key'],
    ["SELECT 1 WHERE `api_key`='#'", 'abcdefgh', 'api_key'],
    ["ALTER ROLE a PASSWORD '#' VALID UNTIL 'kept'", 'hunter', 'password'],
    ["ALTER ROLE a WITH ENCRYPTED PASSWORD '#'", "it''s mine", 'password'],
    ["CREATE USER a IDENTIFIED BY '#'", 'hunter', 'password'],
    ["CREATE USER a IDENTIFIED WITH sha256 BY '#'", 'hunter', 'password'],
    ["SET PASSWORD FOR a = PASSWORD('#')", 'hunter', 'password'],
    ["WHERE secret ='#'", 'x', 'secret'],
    ["WHERE access_token = '#'", 'abcdef', 'token'],
    ["WHERE token = '#'", letters(20), 'token'],
  ])('a literal of SQL: %s', (statement, secret, kind) => {
    const sent = statement.replace('#', secret);
    const expected = statement.replace('#', `[redacted:${kind}]`);
    expect(redacted(sent).text).toBe(expected);
    expect(JSON.parse(redacted(JSON.stringify({ 'db.query.text': sent, a: 1 })).text)).toEqual({
      'db.query.text': expected,
      a: 1,
    });
    expect(redacted(`{"q":"${sent.slice(0, -1)}`).text).not.toContain(secret.slice(0, 4));
  });

  it.each([
    ['api_key', 'abcdefghijkl', 'api_key'],
    ['token', 'abcdefgh', 'token'],
    ['page_token', 'abc', 'token'],
    ['sig', 'abc%2Fdef%3D', 'signature'],
    ['X-Amz-Signature', 'abcdef', 'signature'],
    ['X-Amz-Credential', 'abcdef', 'credential'],
    ['X-Amz-Security-Token', 'abcdef', 'token'],
    ['code', 'abcdef', 'code'],
    ['key', 'abcdef', 'api_key'],
    ['auth', 'abcdef', 'authorization'],
    ['password', 'a', 'password'],
    ['client_secret', 'abc', 'secret'],
  ])('a parameter of a query: %s', (parameter, secret, kind) => {
    for (const [before, after] of [
      ['GET https://x.example/a?', '&page=2'],
      ['/a?page=2&', '#top'],
      ['https://x.example/a#', ''],
      ['{"url.query":"', '&page=2"}'],
      ['{"url.full":"https://x.example/a?', '","x":1}'],
      [String.raw`{"a":"{\"url.query\":\"`, String.raw`\"}"}`],
    ])
      expect(redacted(`${before}${parameter}=${secret}${after}`).text).toBe(
        `${before}${parameter}=[redacted:${kind}]${after}`,
      );
  });

  it('JSON stays JSON, whatever it holds', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom(...names.map(([, name]) => name)));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(
          fc.string(),
          fc.constantFrom(...shapes.map(([, secret]) => secret), "it's", '\\', '"', '{', '\\"'),
          fc.constantFrom("password='", "password='a", "key = '", '?code=', '?api_key=a', "BY 'x"),
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
        ),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
        tie('tree').map((value) => JSON.stringify(value)),
        fc.tuple(tie('tree'), fc.nat(60)).map(([value, at]) => JSON.stringify(value).slice(0, at)),
        tie('tree').map((value) => JSON.stringify(value).replaceAll('"', "'")),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const { text } = redacted(JSON.stringify(value));
        expect(() => JSON.parse(text)).not.toThrow();
        for (const [, secret] of shapes) expect(text).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });
});

// Anything quadratic takes seconds here; what is linear takes some milliseconds, a tenth of the limit.
describe('a text made to be slow', () => {
  const size = 100_000;
  const heads = new Set([
    ...knownSecrets.flatMap(({ triggers }) => triggers),
    ...shapes.map(([, secret]) => secret.slice(0, 12)),
    'Bearer ',
    'Basic ',
    '://',
    '://a:',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '"password":',
    '"password":"',
    '"password":[',
    '"password":{',
    '"password":{"type":"string"',
    '"token":"',
    '"token":"a ',
    '"token":{',
    "'token':'",
    '\\"token\\":\\"',
    '\\\\\\"token\\\\\\":\\\\\\"',
    'password=',
    'password: ',
    'token=a1',
    '\\',
    '"',
    '\\"',
    '":',
    "'",
    '{',
    '[',
    ...namedSecretTriggers.slice(0, 5),
    ...assignedSecretTriggers,
    "password='",
    "password='a''",
    "IDENTIFIED BY '",
    '?api_key=a',
    '?key=',
    '&x-amz-signature=a',
  ]);
  const fillers = ['', 'a', ' ', '-', '\\', '"', '%20'];

  it.each([...heads])('of %o is done within 200 ms', (head) => {
    for (const filler of fillers) {
      const repeated = (head + filler).repeat(Math.ceil(size / (head + filler).length));
      const once = head + (filler || 'x').repeat(size);
      for (const text of [repeated, once]) {
        const before = process.cpuUsage();
        redactText(text.slice(0, size), new Map());
        const { user } = process.cpuUsage(before);
        expect(user / 1000).toBeLessThan(200);
      }
    }
  });
});
