import { type Dialect, dialects } from '@/lib/telemetry/schema';
import type { Actor } from './actor';
import type { CellState, Column } from './judge';
import { rhythmWords } from './rhythm';

export const cellLabels: Record<CellState, { word: string; tone: 'on' | 'wait' | 'off' | 'none' }> =
  {
    arrives: { word: 'Arrives', tone: 'on' },
    partly: { word: 'In part', tone: 'wait' },
    stale: { word: 'Not in 7 days', tone: 'off' },
    never: { word: 'Never', tone: 'none' },
  };

export const columnLabels: Record<Column, string> = {
  input: 'Input',
  output: 'Output',
  tools: 'Tools',
  data: 'Data',
};

export const isDialect = (text: string): text is Dialect =>
  dialects.some((dialect) => dialect === text);

/** The word in the table, and the sentence behind it. */
export function actorWords(actor: Actor): { word: string; sentence: string } {
  switch (actor.kind) {
    case 'interactive':
      return {
        word: 'Interactive',
        sentence: `${Math.round(actor.userShare * 100)} % of its newest sessions name a person they are for.`,
      };
    case 'periodic':
      return {
        word: `Periodic, ${rhythmWords(actor.rhythm)}`,
        sentence: `Its sessions start ${rhythmWords(actor.rhythm)}, and they name nobody they are for.`,
      };
    case 'background':
      return {
        word: 'Background',
        sentence:
          'Its sessions name nobody they are for and start without a period. An agent that people use names them in user.id.',
      };
    default:
      return { word: 'Too early to tell', sentence: 'Fewer than three sessions have started.' };
  }
}

/** What to set so that more arrives; without code where nothing can be set. */
export type Hint = { title: string; sentence: string; code: string | null };
type ContentHints = Partial<Record<Exclude<Column, 'data'>, Hint>>;

const everywhere = (hint: Hint): ContentHints => ({ input: hint, output: hint, tools: hint });

const genaiContent = everywhere({
  title: 'Environment of the agent',
  sentence:
    'Instrumentation by the GenAI conventions leaves content out until this is set. What does not follow the latest of them yet, and Java, reads true instead of span_only.',
  code: 'export OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental\nexport OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=span_only',
});

const contentHints: Partial<Record<Dialect, ContentHints>> = {
  genai: genaiContent,
  openinference: everywhere({
    title: 'Environment of the agent',
    sentence: 'OpenInference sends content unless one of these says true.',
    code: 'unset OPENINFERENCE_HIDE_INPUTS OPENINFERENCE_HIDE_INPUT_MESSAGES OPENINFERENCE_HIDE_INPUT_TEXT\nunset OPENINFERENCE_HIDE_OUTPUTS OPENINFERENCE_HIDE_OUTPUT_MESSAGES OPENINFERENCE_HIDE_OUTPUT_TEXT',
  }),
  traceloop: everywhere({
    title: 'Environment of the agent, or its instrumentation in JavaScript',
    sentence:
      'OpenLLMetry sends content unless it is told not to: by this variable, or, where an instrumentation runs without Traceloop’s SDK in JavaScript, by its option.',
    code: 'export TRACELOOP_TRACE_CONTENT=true\nnew OpenAIInstrumentation({ traceContent: true })',
  }),
  vercel: everywhere({
    title: 'Call of the AI SDK',
    sentence:
      'The AI SDK records inputs and outputs unless a call says otherwise. Version 7 does so once an integration is registered, versions 5 and 6 only where isEnabled is true.',
    code: '// version 7\ntelemetry: { recordInputs: true, recordOutputs: true }\n// versions 5 and 6\nexperimental_telemetry: { isEnabled: true, recordInputs: true, recordOutputs: true }',
  }),
  logfire: everywhere({
    title: 'Agent in Python, with Logfire or without',
    sentence: 'Pydantic AI sends content unless this says False.',
    code: 'logfire.instrument_pydantic_ai(include_content=True)\nAgent.instrument_all(InstrumentationSettings(include_content=True))',
  }),
  claude_code: {
    input: {
      title: 'Environment of Claude Code',
      sentence: 'Claude Code sends the length of a prompt only until this is set.',
      code: 'export OTEL_LOG_USER_PROMPTS=1',
    },
    output: {
      title: 'Environment of Claude Code',
      sentence:
        'Claude Code sends the length of an answer only until this is set, from version 2.1.193 on.',
      code: 'export OTEL_LOG_ASSISTANT_RESPONSES=1',
    },
    tools: {
      title: 'Environment of Claude Code',
      sentence:
        'Claude Code tells what a tool is called with once the first is set, and what comes back in spans alone.',
      code: 'export OTEL_LOG_TOOL_DETAILS=1\nexport OTEL_LOG_TOOL_CONTENT=1\nexport CLAUDE_CODE_ENHANCED_TELEMETRY_BETA=1\nexport OTEL_TRACES_EXPORTER=otlp',
    },
  },
  codex: {
    input: {
      title: '~/.codex/config.toml',
      sentence: 'Codex redacts prompts until this is set.',
      code: '[otel]\nlog_user_prompt = true',
    },
    output: {
      title: 'Codex',
      sentence: 'Codex does not send what its model answers; there is nothing to set.',
      code: null,
    },
    tools: {
      title: '~/.codex/config.toml',
      sentence:
        'Codex tells what tools are called with and what comes back in its log events; its spans hold lengths only.',
      code: '[otel.exporter."otlp-http"]\n# endpoint (…/v1/logs), protocol and headers as on the Connect page',
    },
  },
  gemini_cli: {
    ...everywhere({
      title: 'Environment of Gemini CLI',
      sentence:
        'Gemini CLI leaves prompts, answers and what tools are called with out where this says anything but true or 1.',
      code: 'export GEMINI_TELEMETRY_LOG_PROMPTS=true',
    }),
    tools: {
      title: 'Environment of Gemini CLI',
      sentence:
        'Gemini CLI tells what tools are called with unless the first says otherwise, and what comes back only in spans, once the second is set.',
      code: 'export GEMINI_TELEMETRY_LOG_PROMPTS=true\nexport GEMINI_TELEMETRY_TRACES_ENABLED=true',
    },
  },
};

const dataHint: Hint = {
  title: 'Start of the program',
  sentence:
    'Instrumentation of its HTTP, database and MCP clients tells of data exchanges, for example in Node or in Python.',
  code: 'node --require @opentelemetry/auto-instrumentations-node/register agent.js\nopentelemetry-instrument python agent.py',
};

/** What to set for a column, in the dialects that the identity speaks. */
export function hintsFor(column: Column, spoken: readonly string[]): Hint[] {
  if (column === 'data') return [dataHint];
  const hintOf = (of: ContentHints): Hint[] => [of[column] ?? []].flat();
  const hints = spoken.flatMap((dialect) =>
    isDialect(dialect) ? hintOf(contentHints[dialect] ?? {}) : [],
  );
  return hints.length === 0 ? hintOf(genaiContent) : [...new Set(hints)].slice(0, 3);
}
