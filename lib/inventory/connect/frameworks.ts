import { exports } from './shell-quote';
import { bearerHeader, install, otlpShell, type Snippet, type Target } from './snippet';

const run: Snippet = { title: 'Run', code: 'node agent.mjs' };

export const vercel = (target: Target): Snippet[] => [
  install(['ai', '@ai-sdk/otel', '@ai-sdk/openai', '@opentelemetry/sdk-node']),
  otlpShell(target),
  {
    title: 'agent.mjs',
    file: 'agent.mjs',
    code: `import { openai } from '@ai-sdk/openai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { generateText, registerTelemetry } from 'ai';

const sdk = new NodeSDK();
sdk.start();
registerTelemetry(new OpenTelemetry());

const { text } = await generateText({
  model: openai('gpt-5-mini'),
  prompt: 'Is anybody there?',
});
console.log(text);
await sdk.shutdown();
`,
  },
  run,
];

export const langchain = (target: Target): Snippet[] => [
  install([
    '@langchain/core',
    '@langchain/openai',
    '@arizeai/openinference-instrumentation-langchain',
    '@opentelemetry/sdk-node',
  ]),
  otlpShell(target),
  {
    title: 'agent.mjs',
    file: 'agent.mjs',
    code: `import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import * as callbackManager from '@langchain/core/callbacks/manager';
import { ChatOpenAI } from '@langchain/openai';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK();
sdk.start();
new LangChainInstrumentation().manuallyInstrument(callbackManager);

const answer = await new ChatOpenAI({ model: 'gpt-5-mini' }).invoke('Is anybody there?');
console.log(answer.text);
await sdk.shutdown();
`,
  },
  run,
];

export const langchainPython = (target: Target): Snippet[] => [
  {
    title: 'Install',
    code: 'pip install opentelemetry-distro opentelemetry-exporter-otlp openinference-instrumentation-langchain',
  },
  otlpShell(target),
  { title: 'Run', code: 'opentelemetry-instrument python agent.py' },
];

export const openllmetry = (target: Target): Snippet[] => [
  install(['openai', '@traceloop/instrumentation-openai', '@opentelemetry/sdk-node']),
  otlpShell(target),
  {
    title: 'agent.mjs',
    file: 'agent.mjs',
    code: `import { NodeSDK } from '@opentelemetry/sdk-node';
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
import OpenAI from 'openai';

const sdk = new NodeSDK();
sdk.start();
new OpenAIInstrumentation().manuallyInstrument(OpenAI);

const answer = await new OpenAI().chat.completions.create({
  model: 'gpt-5-mini',
  messages: [{ role: 'user', content: 'Is anybody there?' }],
});
console.log(answer.choices[0].message.content);
await sdk.shutdown();
`,
  },
  run,
];

export const openllmetryPython = ({ gatewayUrl, key, service }: Target): Snippet[] => [
  { title: 'Install', code: 'pip install traceloop-sdk' },
  {
    title: 'Shell, before starting the agent',
    code: exports({
      TRACELOOP_BASE_URL: gatewayUrl,
      TRACELOOP_HEADERS: bearerHeader(key),
      OTEL_SERVICE_NAME: service,
      TRACELOOP_TRACE_CONTENT: 'true',
    }),
  },
  {
    title: 'At the start of the agent',
    file: 'agent.py',
    code: `import os

from traceloop.sdk import Traceloop

Traceloop.init(app_name=os.environ["OTEL_SERVICE_NAME"])
`,
  },
];
