/**
 * What tells a dialect, collected in one pass over an item however many dialects there are: how its
 * attributes' names begin, how its own and its events' names do, and which scope wrote it.
 */
import type { Attributes, Span } from '../schema';

const keyStarts = {
  claudeCode: ['claude_code.'],
  codex: ['codex.'],
  geminiCli: ['gemini_cli.'],
  openInference: ['openinference.span.kind'],
  traceloop: [
    'traceloop.',
    'llm.request.type',
    'llm.request.functions',
    'gen_ai.guardrail.',
    'db.vector.',
  ],
  vercel: [
    'ai.operationId',
    'ai.model.',
    'ai.prompt',
    'ai.response.',
    'ai.settings.',
    'ai.telemetry.',
    'ai.toolCall.',
    'ai.usage.',
  ],
  logfire: ['logfire.'],
  mcp: ['mcp.method.name'],
  genai: ['gen_ai.', 'mcp.', 'a2a.'],
  database: ['db.'],
  messaging: ['messaging.'],
  rpc: ['rpc.'],
  http: ['http.', 'url.full'],
  faas: ['faas.'],
  /** Of any dialect for AI: what was done, or with which model or tool. Who did it, and when, is no such sign. */
  act: [
    'openinference.span.kind',
    'traceloop.span.kind',
    'llm.request.type',
    'llm.request.functions',
    'gen_ai.guardrail.',
    'db.vector.',
    'ai.operationId',
    'ai.model.',
    'ai.toolCall.',
    'mcp.method.name',
    'mcp.tool.name',
    'a2a.method.name',
    'gen_ai.operation.name',
    'gen_ai.request.model',
    'gen_ai.response.model',
    'gen_ai.tool.name',
    'gen_ai.tool.call',
  ],
} as const;
export type Sign = keyof typeof keyStarts;

const nameStarts: readonly (readonly [start: string, sign: Sign])[] = [
  ['claude_code.', 'claudeCode'],
  ['codex.', 'codex'],
  ['gemini_cli.', 'geminiCli'],
  ['gen_ai.', 'genai'],
];

/** A scope of these is the agent itself: no library that carries its calls writes under its name. */
const agents: readonly Sign[] = ['claudeCode', 'codex', 'geminiCli'];

const scopes: readonly (readonly [sign: Sign, isOf: (scope: string) => boolean])[] = [
  ['claudeCode', (scope) => scope.startsWith('com.anthropic.claude_code')],
  ['codex', (scope) => scope.startsWith('codex')],
  ['geminiCli', (scope) => scope === 'gemini-cli'],
  ['openInference', (scope) => scope.includes('openinference')],
  ['traceloop', (scope) => scope.startsWith('@traceloop/') || scope.startsWith('traceloop')],
  ['vercel', (scope) => scope === 'gen_ai' || scope.startsWith('@ai-sdk/')],
  ['logfire', (scope) => scope === 'pydantic-ai'],
];

// Object.keys forgets what it lists.
const bits = new Map((Object.keys(keyStarts) as Sign[]).map((sign, at) => [sign, 1 << at]));
const bitOf = (sign: Sign) => bits.get(sign) ?? 0;
const bitsOf = (signs: readonly Sign[]) => signs.reduce((all, sign) => all | bitOf(sign), 0);

const carriers = bitsOf(['database', 'messaging', 'rpc', 'http', 'faas']);
const agentBits = bitsOf(agents);

/** A set of signs. */
export class Signs {
  private readonly found: number;

  constructor(found: number) {
    this.found = found;
  }

  has(sign: Sign): boolean {
    return (this.found & bitOf(sign)) !== 0;
  }

  /**
   * Whether an item is of what carries AI's calls and no such call itself: a request or query that only says
   * in which conversation, by which agent or in which workflow it was made.
   */
  get isOfCarrier(): boolean {
    return (this.found & carriers) !== 0 && (this.found & bitOf('act')) === 0;
  }
}

type Start = { start: string; bit: number; at: number; letter: number };

/** By the code of the third letter, which tells them apart best: one look says of most names that they are no sign. */
const LETTER = 2;
const byLetter: (Start[] | undefined)[] = [];
for (const [sign, starts] of Object.entries(keyStarts) as [Sign, readonly string[]][])
  for (const start of starts) {
    const at = start.length - 2;
    const entry = { start, bit: bitOf(sign), at, letter: start.charCodeAt(at) };
    const known = byLetter[start.charCodeAt(LETTER)] ?? [];
    byLetter[start.charCodeAt(LETTER)] = [...known, entry];
  }

/** As one number; `scopeSigns` are those of its scope, which all items of a batch share. */
export function signsOf(span: Span, scopeSigns: number): Signs {
  const named = signsOfName(span.name);
  let found = scopeSigns | named | signsOfKeys(span.attributes);
  // Its own name, or its writer's, is what it is; the names of its events are only what happened meanwhile.
  if (named !== 0 || (scopeSigns & agentBits) !== 0) found |= bitOf('act');
  for (const { name } of span.events) found |= signsOfName(name);
  return new Signs(found);
}

function signsOfKeys(attributes: Attributes): number {
  let found = 0;
  for (const [key] of attributes) {
    const starts = byLetter[key.charCodeAt(LETTER)];
    if (starts === undefined) continue;
    for (let at = 0; at < starts.length; at++) {
      const sign = starts[at] as Start; // within its length
      if ((found & sign.bit) !== 0 || key.charCodeAt(sign.at) !== sign.letter) continue;
      if (key.startsWith(sign.start)) found |= sign.bit;
    }
  }
  return found;
}

function signsOfName(name: string): number {
  for (const [start, sign] of nameStarts) if (name.startsWith(start)) return bitOf(sign);
  return 0;
}

export function signsOfScope(scope: string): number {
  return scopes.reduce((found, [sign, isOf]) => (isOf(scope) ? found | bitOf(sign) : found), 0);
}

/** Whether a text is the name of an event that some dialect knows. */
export const isEventName = (text: string): boolean => signsOfName(text) !== 0;
