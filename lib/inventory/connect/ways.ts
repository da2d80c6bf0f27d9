import { programs } from '@/lib/identities/programs';
import type { Expected } from './arrived';
import { claudeCode, codex, geminiCli } from './coding-agents';
import { langchain, langchainPython, openllmetry, openllmetryPython, vercel } from './frameworks';
import { collector, environment, go, java, javascript, python } from './opentelemetry';
import type { Snippet, Target } from './snippet';

export type Way = {
  id: string;
  title: string;
  /** One sentence on what it sends. */
  about: string;
  /** Ways to write it down; one is not offered as a choice. */
  forms: readonly { id: string; title: string; snippets: (target: Target) => Snippet[] }[];
  /** Names under which it declares itself whoever runs it: of one that reports for itself, they are its own. */
  declares: readonly string[];
  /** What to set when something expected does not arrive. */
  remedies: Partial<Record<Expected, string>>;
};

const capture =
  'Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true, or span_only where the instrumentation follows the latest conventions.';
const conversation = 'Set the attribute gen_ai.conversation.id on each span.';
const traceContent =
  'Set TRACELOOP_TRACE_CONTENT=true, or in JavaScript without Traceloop’s SDK traceContent: true.';
const onBehalfOf = 'Set the attribute user.id on each span.';

export const ways: readonly Way[] = [
  {
    id: 'opentelemetry',
    title: 'OpenTelemetry',
    about: 'Any OpenTelemetry SDK reads these variables. Spans, log records and metrics are taken.',
    forms: [
      { id: 'environment', title: 'Environment', snippets: environment },
      { id: 'javascript', title: 'JavaScript', snippets: javascript },
      { id: 'python', title: 'Python', snippets: python },
      { id: 'go', title: 'Go', snippets: go },
      { id: 'java', title: 'Java', snippets: java },
    ],
    declares: [],
    remedies: {
      input: capture,
      output: capture,
      usage:
        'Set gen_ai.usage.input_tokens and gen_ai.usage.output_tokens on spans of model calls.',
      tools: 'Make a span with gen_ai.operation.name=execute_tool around each tool call.',
      arguments: 'Set gen_ai.tool.call.arguments on spans of tool calls.',
      conversation,
      on_behalf_of: onBehalfOf,
    },
  },
  {
    id: 'collector',
    title: 'OTel Collector',
    about:
      'A collector is a service that reports for others: what it forwards is attributed to the identity that each item declares.',
    forms: [{ id: 'yaml', title: 'YAML', snippets: collector }],
    declares: [],
    remedies: { input: capture, output: capture, conversation, on_behalf_of: onBehalfOf },
  },
  {
    id: 'vercel-ai-sdk',
    title: 'Vercel AI SDK',
    about: 'Version 7 with its OpenTelemetry integration: model calls, steps, tool calls.',
    forms: [{ id: 'javascript', title: 'JavaScript', snippets: vercel }],
    declares: [],
    remedies: {
      input: 'Do not pass recordInputs: false in telemetry of a call.',
      output: 'Do not pass recordOutputs: false in telemetry of a call.',
      tools: 'Tool calls appear once the model calls a tool.',
      conversation,
      on_behalf_of: onBehalfOf,
    },
  },
  {
    id: 'langchain',
    title: 'LangChain, OpenInference',
    about: 'OpenInference instruments LangChain and many other libraries; all of them are read.',
    forms: [
      { id: 'javascript', title: 'JavaScript', snippets: langchain },
      { id: 'python', title: 'Python', snippets: langchainPython },
    ],
    declares: [],
    remedies: {
      input: 'Unset OPENINFERENCE_HIDE_INPUTS and OPENINFERENCE_HIDE_INPUT_MESSAGES.',
      output: 'Unset OPENINFERENCE_HIDE_OUTPUTS and OPENINFERENCE_HIDE_OUTPUT_MESSAGES.',
      tools: 'Tool calls appear once the model calls a tool.',
      conversation: 'Set the attribute session.id, with setSession of @arizeai/openinference-core.',
      on_behalf_of: 'Set the attribute user.id, with setUser of @arizeai/openinference-core.',
    },
  },
  {
    id: 'openllmetry',
    title: 'OpenLLMetry',
    about: 'Traceloop’s instrumentations, with their own SDK or with OpenTelemetry’s.',
    forms: [
      { id: 'javascript', title: 'JavaScript', snippets: openllmetry },
      { id: 'python', title: 'Python', snippets: openllmetryPython },
    ],
    declares: [],
    remedies: {
      input: traceContent,
      output: traceContent,
      tools: 'Wrap tools with withTool, or @tool in Python.',
      conversation: 'Set association properties with session_id.',
      on_behalf_of: 'Set association properties with user_id.',
    },
  },
  {
    id: 'claude-code',
    title: 'Claude Code',
    about: 'Prompts, model calls, tool decisions and results, as log events and spans.',
    forms: [{ id: 'shell', title: 'Shell', snippets: claudeCode }],
    declares: programs.claudeCode,
    remedies: {
      input: 'Set OTEL_LOG_USER_PROMPTS=1.',
      output: 'Set OTEL_LOG_ASSISTANT_RESPONSES=1.',
      usage: 'Set OTEL_LOGS_EXPORTER=otlp: model calls are log events.',
      tools: 'Set OTEL_LOGS_EXPORTER=otlp: tool results are log events.',
      arguments: 'Set OTEL_LOG_TOOL_DETAILS=1.',
    },
  },
  {
    id: 'codex',
    title: 'Codex',
    about: 'Prompts, model calls, tool decisions and results, as log events and spans.',
    forms: [{ id: 'toml', title: 'TOML', snippets: codex }],
    declares: programs.codex,
    remedies: {
      input: 'Set log_user_prompt = true under [otel].',
      output: 'Codex does not send what its model answers.',
      usage: 'Set the exporter under [otel.exporter]: usage is in log events.',
      tools: 'Set the exporter under [otel.exporter]: tool results are log events.',
      arguments: 'Set the exporter under [otel.exporter]: spans carry lengths only.',
    },
  },
  {
    id: 'gemini-cli',
    title: 'Gemini CLI',
    about: 'Prompts, model calls and tool calls, as log events and spans.',
    forms: [{ id: 'json', title: 'JSON', snippets: geminiCli }],
    declares: programs.geminiCli,
    remedies: {
      input: 'Set "logPrompts": true under "telemetry".',
      output: 'Set "logPrompts": true under "telemetry".',
      arguments: 'Set "logPrompts": true under "telemetry".',
    },
  },
  {
    id: 'curl',
    title: 'curl',
    about: 'One interaction, sent by hand: to see that key and address are right.',
    // Its one text stands on the page of every way, and alone where a way has no form.
    forms: [],
    declares: [],
    remedies: {},
  },
];

/** The way of an address; the first one for any other word. */
export const wayOf = (id: string | null): Way =>
  // The first is always there.
  (ways.find((way) => way.id === id) ?? ways[0]) as Way;
