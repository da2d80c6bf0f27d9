import { type PlannedSpan, spanKinds } from '../sending/planned-span';
import { digestOf, Random } from '../sending/random';
import type { Run, ToolCall, Turn } from './read-run';

/** Of what was said before, an inference's input has this many characters at most, the latest. */
const historyCharactersMax = 1_000_000;

type Result = Extract<Turn, { role: 'tool' }>;
type Step =
  | { kind: 'pause'; at: number }
  | { kind: 'inference'; at: number }
  | { kind: 'tool'; at: number; call: ToolCall; result: Result | null };
type TimedStep = Step & { fromUs: number; toUs: number };

export type Plan = { run: Run; steps: TimedStep[]; totalUs: number };

/**
 * When each step of a run began and ended, counted from its start. Nobody noted that, so it is made up:
 * skewed as such times are, longer for longer answers, and together what the run took where that is known.
 */
export function planRun(run: Run): Plan {
  const random = new Random('step times', run.key);
  const steps = stepsOf(run.turns);
  const weights = steps.map((step) => weightOf(run.turns, step, random));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const scale = run.seconds === null || sum === 0 ? 1 : (run.seconds * 0.98) / sum;
  const edgeUs = Math.max(1, Math.round((run.seconds ?? sum) * 10_000));
  let atUs = edgeUs;
  const timed = steps.map((step, nth) => {
    const fromUs = atUs;
    atUs += Math.max(1, Math.round((weights[nth] ?? 0) * scale * 1_000_000));
    return { ...step, fromUs, toUs: atUs };
  });
  return { run, steps: timed, totalUs: atUs + edgeUs };
}

function stepsOf(turns: readonly Turn[]): Step[] {
  let hasAnswered = false;
  return turns.flatMap((turn, at): Step[] => {
    if (turn.role === 'user') return hasAnswered ? [{ kind: 'pause', at }] : [];
    if (turn.role !== 'assistant') return [];
    hasAnswered = true;
    const results = resultsAfter(turns, at);
    const calls = turn.calls.map(
      (call): Step => ({ kind: 'tool', at, call, result: takeResult(results, call) }),
    );
    return [{ kind: 'inference', at }, ...calls];
  });
}

/** What tools answered before the model spoke again: some senders use an id twice in one run. */
function resultsAfter(turns: readonly Turn[], at: number): Result[] {
  const results: Result[] = [];
  for (const turn of turns.slice(at + 1)) {
    if (turn.role === 'assistant') break;
    if (turn.role === 'tool') results.push(turn);
  }
  return results;
}

function takeResult(results: Result[], { id }: ToolCall): Result | null {
  const named = results.findIndex(({ callIds }) => callIds.includes(id));
  const at = named >= 0 ? named : results.findIndex(({ callIds }) => callIds.length === 0);
  return at < 0 ? null : (results.splice(at, 1)[0] ?? null);
}

/** Seconds that such a step usually takes. */
function weightOf(turns: readonly Turn[], step: Step, random: Random): number {
  if (step.kind === 'pause') return random.logNormal(14, 0.6);
  if (step.kind === 'tool') return step.result?.seconds ?? random.logNormal(0.3, 0.7);
  const turn = turns[step.at];
  const characters =
    turn?.role === 'assistant'
      ? turn.text.length + turn.calls.reduce((sum, { args }) => sum + args.length + 40, 0)
      : 0;
  return random.logNormal(0.7, 0.35) * (1 + characters / 250);
}

/** The spans of a run that began at `startUs`, in the order in which they ended; shrunk to `1 / speed`. */
export function* spansOf(
  { run, steps, totalUs }: Plan,
  startUs: number,
  speed = 1,
): Generator<PlannedSpan> {
  const at = (us: number) => startUs + Math.round(us / speed);
  const root = spanIdOf(run, 0);
  const history = new History(run.turns);
  const shared = {
    signal: 'trace' as const,
    trace: digestOf('trace', run.key).slice(0, 32),
    failure: null,
    resource: resourceOf(run),
    reporter: run.persona,
  };
  const own = {
    'gen_ai.agent.name': run.persona,
    'gen_ai.conversation.id': conversationOf(run),
  };
  for (const [nth, step] of steps.entries()) {
    if (step.kind === 'pause') continue;
    const ids = { span: spanIdOf(run, nth + 1), parent: root };
    const times = { startUs: at(step.fromUs), endUs: at(step.toUs) };
    if (step.kind === 'inference') {
      yield { ...shared, ...ids, ...times, ...inference(run, step.at, history, own) };
      continue;
    }
    yield { ...shared, ...ids, ...times, ...toolCall(step.call, step.result, own) };
  }
  yield {
    ...shared,
    span: root,
    parent: null,
    name: `invoke_agent ${run.persona}`,
    kind: spanKinds.internal,
    startUs,
    endUs: at(totalUs),
    attributes: { 'gen_ai.operation.name': 'invoke_agent', ...own },
  };
}

/** The conversation that a run is: says nothing of what the run was to show. */
export const conversationOf = ({ key }: Run): string =>
  `replay-${digestOf('conversation', key).slice(0, 24)}`;

export const spanIdOf = ({ key }: Run, nth: number): string =>
  digestOf('span', key, nth).slice(0, 16);

const resourceOf = ({ persona, seconds }: Run) => ({
  'service.name': persona,
  'sallyport.made_by': 'replay',
  'sallyport.step_times':
    seconds === null ? 'made up' : 'made up, together as long as the run took',
});

function inference(run: Run, at: number, history: History, own: Record<string, string>) {
  const turn = run.turns[at];
  const calls = turn?.role === 'assistant' ? turn.calls : [];
  return {
    name: run.model === null ? 'chat' : `chat ${run.model}`,
    kind: spanKinds.client,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': providerOf(run.model),
      'gen_ai.request.model': run.model,
      'gen_ai.response.finish_reasons': [calls.length > 0 ? 'tool_calls' : 'stop'],
      ...own,
      'gen_ai.system_instructions': history.instructions,
      'gen_ai.input.messages': history.before(at),
      'gen_ai.output.messages': history.messageAt(at),
    },
  } as const;
}

function toolCall(call: ToolCall, result: Result | null, own: Record<string, string>) {
  return {
    name: `execute_tool ${call.name}`,
    kind: spanKinds.internal,
    failure: result?.error ?? null,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': call.name,
      'gen_ai.tool.call.id': call.id,
      'gen_ai.tool.type': 'function',
      ...own,
      'gen_ai.tool.call.arguments': call.args,
      'gen_ai.tool.call.result': result?.text ?? null,
      'error.type': result?.error ? 'tool_error' : null,
    },
  } as const;
}

const providers: readonly [RegExp, string][] = [
  [/\b(gpt|o[134])\b|openai/i, 'openai'],
  [/claude|anthropic/i, 'anthropic'],
  [/gemini|google/i, 'gcp.gemini'],
  [/mistral/i, 'mistral_ai'],
  [/deepseek/i, 'deepseek'],
];

const providerOf = (model: string | null): string | null =>
  providers.find(([pattern]) => model !== null && pattern.test(model))?.[1] ?? null;

/** What was said, as messages of the GenAI conventions, each rendered once. */
class History {
  readonly instructions: string | null;
  private readonly rendered: (string | null)[];

  constructor(turns: readonly Turn[]) {
    const instructions = turns.flatMap((turn) =>
      turn.role === 'system' ? [{ type: 'text', content: turn.text }] : [],
    );
    this.instructions = instructions.length === 0 ? null : JSON.stringify(instructions);
    this.rendered = turns.map((turn) => (turn.role === 'system' ? null : renderMessage(turn)));
  }

  before(at: number): string {
    const held: string[] = [];
    let characters = 0;
    for (let back = at - 1; back >= 0; back -= 1) {
      const message = this.rendered[back] ?? null;
      if (message === null) continue;
      characters += message.length;
      if (characters > historyCharactersMax && held.length > 0) break;
      held.unshift(message);
    }
    return `[${held.join(',')}]`;
  }

  messageAt(at: number): string {
    return `[${this.rendered[at] ?? ''}]`;
  }
}

function renderMessage(turn: Turn): string {
  return JSON.stringify({ role: turn.role, parts: partsOf(turn) });
}

function partsOf(turn: Turn): object[] {
  switch (turn.role) {
    case 'tool': {
      const ids = turn.callIds.length > 0 ? turn.callIds : [''];
      return ids.map((id) => ({ type: 'tool_call_response', id, response: turn.text }));
    }
    case 'assistant': {
      const said = turn.text === '' ? [] : [{ type: 'text', content: turn.text }];
      const calls = turn.calls.map(({ id, name, args }) => ({
        type: 'tool_call',
        id,
        name,
        arguments: parsed(args),
      }));
      return [...said, ...calls];
    }
    default:
      return [{ type: 'text', content: turn.text }];
  }
}

/** A model may write arguments that are no JSON; they are then the text they are. */
function parsed(args: string): unknown {
  try {
    return JSON.parse(args);
  } catch {
    return args;
  }
}
