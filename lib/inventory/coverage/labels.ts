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

export const dialectLabels: Record<Dialect, string> = {
  genai: 'GenAI conventions',
  openinference: 'OpenInference',
  traceloop: 'OpenLLMetry',
  vercel: 'Vercel AI SDK',
  logfire: 'Logfire',
  claude_code: 'Claude Code',
  codex: 'Codex',
  gemini_cli: 'Gemini CLI',
  mcp: 'MCP',
  http: 'HTTP',
  rpc: 'RPC',
  database: 'Database',
  messaging: 'Messaging',
  faas: 'Functions',
  unknown: 'Unknown',
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

/** What to set so that more arrives. */
export type Hint = { title: string; sentence: string; code: string };

const genaiContent: Hint = {
  title: 'Environment of the agent',
  sentence: 'Instrumentation by the GenAI conventions leaves content out until this is set.',
  code: 'export OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental\nexport OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true',
};

const contentHints: Partial<Record<Dialect, Hint>> = {
  genai: genaiContent,
  openinference: {
    title: 'Environment of the agent',
    sentence: 'OpenInference sends content unless it is told to hide it.',
    code: 'unset OPENINFERENCE_HIDE_INPUTS OPENINFERENCE_HIDE_OUTPUTS',
  },
  traceloop: {
    title: 'Environment of the agent',
    sentence: 'OpenLLMetry leaves content out where this says false.',
    code: 'export TRACELOOP_TRACE_CONTENT=true',
  },
  vercel: {
    title: 'Call of the AI SDK',
    sentence: 'The AI SDK records what each call allows.',
    code: 'experimental_telemetry: { isEnabled: true, recordInputs: true, recordOutputs: true }',
  },
  logfire: {
    title: 'Agent in Python',
    sentence: 'Pydantic AI leaves content out where this says False.',
    code: 'InstrumentationSettings(include_content=True)',
  },
  claude_code: {
    title: 'Environment of Claude Code',
    sentence: 'Claude Code sends lengths only until these are set.',
    code: 'export OTEL_LOG_USER_PROMPTS=1\nexport OTEL_LOG_ASSISTANT_RESPONSES=1\nexport OTEL_LOG_TOOL_DETAILS=1',
  },
  codex: {
    title: 'config.toml of Codex',
    sentence: 'Codex redacts prompts until this is set.',
    code: '[otel]\nlog_user_prompt = true',
  },
  gemini_cli: {
    title: 'Environment of Gemini CLI',
    sentence: 'Gemini CLI leaves prompts out where this says false.',
    code: 'export GEMINI_TELEMETRY_LOG_PROMPTS=true',
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
  const hints = spoken.flatMap((dialect) =>
    isDialect(dialect) ? (contentHints[dialect] ?? []) : [],
  );
  return hints.length === 0 ? [genaiContent] : [...new Set(hints)].slice(0, 3);
}
