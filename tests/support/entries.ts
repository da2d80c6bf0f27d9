import { randomBytes } from 'node:crypto';
import { contentDigest, itemKey, prepareEntry, sessionOf } from '@/lib/log/prepare';
import type {
  AttributedInteraction,
  AttributedMeasurement,
  PreparedInteraction,
} from '@/lib/log/schema';

/** A complete interaction for tests of the log; `change` says what matters to the test. */
export function anInteraction(change: Partial<AttributedInteraction> = {}): AttributedInteraction {
  const trace = randomBytes(16);
  return {
    signal: 'trace',
    dialect: 'genai',
    kind: 'inference',
    operation: 'chat',
    name: 'chat orchid-2',
    provider: 'openai',
    model: 'orchid-2',
    requestModel: null,
    resourceKind: 'model',
    resource: 'orchid-2',
    declaredName: 'returns-agent',
    declaredId: null,
    declaredVersion: '1.4.0',
    service: 'returns',
    environment: 'test',
    onBehalfOf: 'customer-17',
    conversation: null,
    promptId: null,
    requestId: null,
    responseId: null,
    toolCallId: null,
    trace,
    span: randomBytes(8),
    spanKind: 'client',
    parent: null,
    startedNs: 1_795_416_178_123_456_789n,
    endedNs: 1_795_416_179_000_000_001n,
    status: 'ok',
    errorType: null,
    inputTokens: 812,
    outputTokens: 64,
    cacheReadTokens: 0,
    cacheWriteTokens: null,
    reasoningTokens: null,
    cost: 0.00213,
    costSource: 'sent',
    clientAddress: null,
    clientPort: null,
    serverAddress: 'api.example',
    serverPort: 443,
    marks: 0,
    redacted: null,
    bodies: [
      {
        role: 'input',
        text: '[{"role":"user","parts":[{"type":"text","content":"Where is my parcel? 📦"}]}]',
      },
      {
        role: 'output',
        text: '[{"role":"assistant","parts":[{"type":"text","content":"On its way."}]}]',
      },
    ],
    reporter: '019ab000-0000-7000-8000-000000000001',
    identity: '019ab000-0000-7000-8000-000000000001',
    vantage: 'self',
    fingerprint: null,
    session: sessionOf('', null, trace),
    ...change,
  };
}

export function anEntry(change: Partial<AttributedInteraction> = {}): PreparedInteraction {
  const interaction = anInteraction(change);
  const { reporter, trace, span } = interaction;
  return prepareEntry(interaction, {
    key: itemKey(reporter, 'trace', trace ?? Buffer.alloc(0), span ?? Buffer.alloc(0)),
    digest: contentDigest(interaction, 'pepper'),
    raw: () => Buffer.from('{}'),
  });
}

/** A complete measurement, likewise. */
export const anAttributedMeasurement = (
  change: Partial<AttributedMeasurement> = {},
): AttributedMeasurement => ({
  name: 'gen_ai.client.token.usage',
  unit: '{token}',
  operation: null,
  series: null,
  form: 'sum',
  temporality: 'delta',
  monotonic: true,
  startedNs: null,
  endedNs: 1_795_416_179_000_000_001n,
  value: 812,
  count: null,
  sum: null,
  min: null,
  max: null,
  provider: null,
  model: 'orchid-2',
  tokenType: 'input',
  tool: null,
  errorType: null,
  declaredName: 'returns-agent',
  declaredId: null,
  declaredVersion: null,
  service: 'returns',
  environment: null,
  onBehalfOf: null,
  conversation: null,
  marks: 0,
  redacted: null,
  bodies: [],
  reporter: '019ab000-0000-7000-8000-000000000001',
  identity: null,
  vantage: 'self',
  fingerprint: null,
  session: null,
  ...change,
});
