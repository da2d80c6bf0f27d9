import { parseArgs } from 'node:util';
import { AppError } from '@/lib/core/errors';
import type { InteractionKind } from '@/lib/telemetry/schema';
import { type Plan, planRun, spansOf } from './replay/plan-run';
import { findPresent, type Present } from './replay/present';
import { readFile } from './replay/read-file';
import { readRun } from './replay/read-run';
import { type Installation, onInstallation } from './sending/installation';
import { pause } from './sending/pause';
import { type PlannedSpan, sizeOfSpan } from './sending/planned-span';
import { Random } from './sending/random';
import { type Registered, registerAll } from './sending/registry';
import { Sender } from './sending/sender';
import { abortOnSignals, numberOption, sendingSettings } from './sending/settings';
import { UsageError } from './usage';

/** Of broken lines, the first so many are told. */
const brokenTold = 1000;
const agentsMax = 200;
const windowRuns = 50;
const windowSize = 4 * 1024 * 1024;
/** The gateway reads new names every second. */
const namesKnownAfterMs = 2000;

type Broken = { file: string; line: number; reason: string };
export type ReplayOutcome = {
  files: number;
  runs: number;
  /** Interactions that were sent, by kind. */
  sent: Record<string, number>;
  /** Of the runs, those that were there already in full. */
  repeated: number;
  refused: number;
  broken: Broken[];
};
export type ReplayOptions = {
  files: string[];
  rate: number | null;
  /** Null lays the runs out over the past; a number sends them as they happen, so many times faster. */
  speed: number | null;
  gatewayUrl: string;
  perReporter: number;
  signal: AbortSignal;
  say: (line: string) => void;
};

const usage = `Usage: npm run sallyport -- replay FILE… [--rate N] [--speed X] [--json]

Sends recorded trajectories as the spans an instrumented agent would have sent: AgentDojo runs (one a line, or
one a file), tau-bench results and SWE-agent trajectories, plain or gzip, told by their content. Each suite and
pipeline becomes a registered agent with a key that ends with this command, and each run a session. Everything
is marked as replayed. Token counts that the files do not hold stay unknown, and step times are made up within
what the run took. Replaying a file again adds nothing.

  --rate N    at most N interactions a second
  --speed X   send live: one run after the other, as it happens, X times as fast as it happened. Without it
              everything is sent as fast as the gateway takes it, and each agent's runs are laid out one after
              the other over the past, the last one ending now
  --json      {"files", "runs", "sent": {KIND: N}, "repeated", "refused", "broken": [{"file", "line", "reason"}]}

A broken line is told with its number and left out; then the command ends with 1.
`;

export async function replay(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rate: { type: 'string' },
      speed: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  if (positionals.length === 0) throw new UsageError('Which files are to be replayed?');
  const options = {
    ...sendingSettings(),
    files: positionals,
    rate: numberOption('rate', values.rate, { min: 1, max: 1_000_000 }) ?? null,
    speed: numberOption('speed', values.speed, { min: 0.01, max: 100_000 }) ?? null,
    signal: abortOnSignals(),
    say: (line: string) => process.stderr.write(`${line}\n`),
  };
  const outcome = await onInstallation((installation) => replayFiles(installation, options));
  if (values.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else process.stdout.write(`${tellOutcome(outcome)}\n`);
  if (outcome.broken.length > 0 || outcome.refused > 0) process.exitCode = 1;
}

/** Reads every file twice: first for who acts, how long, and what is broken; then run by run, to send it. */
export async function replayFiles(
  installation: Installation,
  options: ReplayOptions,
): Promise<ReplayOutcome> {
  const { files, say, signal } = options;
  const survey = await surveyFiles(options);
  const { runs, broken } = survey;
  const outcome: ReplayOutcome = {
    files: files.length,
    runs,
    sent: {},
    repeated: 0,
    refused: 0,
    broken,
  };
  if (runs === 0) return outcome;
  const names = [...survey.totalUs.keys()];
  const agents = names.map((name) => ({ kind: 'agent' as const, name }));
  const days = options.speed === null ? 1 : 30;
  const registered = await registerAll(installation, agents, new Set(names), days);
  try {
    say(`${runs} runs of ${names.length} agents: ${names.join(', ')}.`);
    await pause(namesKnownAfterMs, signal);
    const sender = new Sender({ ...options, keys: registered.keys });
    await sendFiles({ ...options, survey, installation, registered, sender, outcome });
    outcome.refused = sender.refused;
    if (sender.refused > 0) say(`Refused: ${sender.refused}. ${sender.refusedBecause}`);
  } finally {
    await registered.close();
  }
  return outcome;
}

type Survey = { runs: number; totalUs: Map<string, number>; broken: Broken[] };

async function surveyFiles({ files, say, signal }: ReplayOptions): Promise<Survey> {
  const survey: Survey = { runs: 0, totalUs: new Map(), broken: [] };
  for (const file of files) {
    for await (const each of plansOf(file)) {
      signal.throwIfAborted();
      if ('reason' in each) {
        if (survey.broken.length < brokenTold) {
          survey.broken.push({ file, ...each });
          say(`${file}, line ${each.line}: ${each.reason}`);
        }
        continue;
      }
      survey.runs += 1;
      const { persona } = each.run;
      const before = survey.totalUs.get(persona) ?? 0;
      survey.totalUs.set(persona, before + each.totalUs + gapUs(each));
      if (survey.totalUs.size > agentsMax)
        throw new AppError(
          'invalid_input',
          `These files are of more than ${agentsMax} suites and pipelines, each of which would be registered. Replay fewer at once.`,
        );
    }
  }
  return survey;
}

async function* plansOf(file: string): AsyncGenerator<Plan | { line: number; reason: string }> {
  for await (const record of readFile(file)) {
    if ('reason' in record) {
      yield record;
      continue;
    }
    const run = readRun(file, record.text, record.value);
    if (!('reason' in run)) {
      yield planRun(run);
      continue;
    }
    yield { line: record.line, reason: run.reason };
    if (run.isWholeFile) return;
  }
}

/** What passes before the next run of the same agent. */
const gapUs = ({ run }: Plan): number => new Random('gap', run.key).int(2_000_000, 45_000_000);

type Sending = ReplayOptions & {
  survey: Survey;
  installation: Installation;
  registered: Registered;
  sender: Sender;
  outcome: ReplayOutcome;
};

async function sendFiles(sending: Sending): Promise<void> {
  const { files, survey, outcome, say } = sending;
  const nowUs = Date.now() * 1000;
  const cursors = new Map(
    Array.from(survey.totalUs, ([persona, totalUs]) => [persona, nowUs - totalUs]),
  );
  let seen = 0;
  for (const file of files) {
    let waiting: Plan[] = [];
    let size = 0;
    for await (const plan of plansOf(file)) {
      if ('reason' in plan) continue;
      waiting.push(plan);
      size += charactersOf(plan);
      const isFull = waiting.length === windowRuns || size > windowSize;
      if (sending.speed === null && !isFull) continue;
      await sendRuns(sending, waiting, cursors);
      seen += waiting.length;
      waiting = [];
      size = 0;
      if (seen % 200 === 0) say(`${seen} of ${survey.runs} runs.`);
    }
    await sendRuns(sending, waiting, cursors);
    seen += waiting.length;
    say(`${file}: ${seen} of ${survey.runs} runs, ${outcome.repeated} of them there before.`);
  }
}

async function sendRuns(
  sending: Sending,
  plans: readonly Plan[],
  cursors: Map<string, number>,
): Promise<void> {
  if (plans.length === 0) return;
  const { installation, registered, outcome, sender } = sending;
  const present = await findPresent(installation.sql, plans, registered.ids);
  let held: PlannedSpan[] = [];
  let size = 0;
  const flush = async () => {
    await sender.send(held);
    for (const { attributes } of held) {
      const kind = kindOf[String(attributes['gen_ai.operation.name'])] ?? 'step';
      outcome.sent[kind] = (outcome.sent[kind] ?? 0) + 1;
    }
    held = [];
    size = 0;
  };
  for (const plan of plans) {
    const before = present.get(plan.run.key);
    if (before !== undefined && before.spans.size === spanCountOf(plan)) outcome.repeated += 1;
    for (const span of await placed(sending, plan, before, cursors)) {
      if (before?.spans.has(span.span)) continue;
      held.push(span);
      size += sizeOfSpan(span);
      if (size > windowSize) await flush();
    }
  }
  await flush();
}

const kindOf: Record<string, InteractionKind> = {
  chat: 'inference',
  execute_tool: 'tool_call',
  invoke_agent: 'agent_call',
};

const charactersOf = ({ run }: Plan): number =>
  run.turns.reduce((sum, { text }) => sum + text.length, 0);

const spanCountOf = ({ steps }: Plan): number =>
  1 + steps.filter(({ kind }) => kind !== 'pause').length;

/** A run at its place in time: where it was before, else while it happens, else after the one before it. */
async function placed(
  { speed, signal }: Sending,
  plan: Plan,
  before: Present | undefined,
  cursors: Map<string, number>,
): Promise<Iterable<PlannedSpan>> {
  const { persona } = plan.run;
  const cursor = cursors.get(persona) ?? Date.now() * 1000;
  cursors.set(persona, cursor + plan.totalUs + gapUs(plan));
  if (before !== undefined) return spansOf(plan, before.startUs);
  if (speed === null) return spansOf(plan, cursor);
  const startUs = Date.now() * 1000;
  await pause(plan.totalUs / 1000 / speed, signal);
  return spansOf(plan, startUs, speed);
}

function tellOutcome({ files, runs, sent, repeated, refused, broken }: ReplayOutcome): string {
  const kinds = Object.entries(sent).map(([kind, count]) => `${count} ${kind}`);
  return `Replayed ${runs} runs of ${files} files: sent ${kinds.join(', ') || 'nothing'}; ${repeated} runs were there before, ${refused} items were refused, ${broken.length} lines are broken.`;
}
