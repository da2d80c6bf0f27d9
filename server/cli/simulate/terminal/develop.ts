import { type Change, changes, commands } from '../changes';
import type { Session } from '../session';
import { phrase, repositories } from '../words';
import { claudeCode } from './claude-code';
import { codex } from './codex';
import type { Act, CodingAgent, Consent, Done, Usage } from './coding-agent';
import { geminiCli } from './gemini-cli';

const charactersPerToken = 4;

/** A developer and a coding agent in a terminal: one wish after the other, until it is done or given up. */
export function develop(session: Session): void {
  const { random } = session;
  const agent = agentOf(session);
  const work = new Work(session, agent);
  agent.begin();
  for (let turns = 1 + random.poisson(0.9); turns > 0; turns -= 1) {
    session.wait(random.logNormal(45, 0.9));
    work.carryOut(random.pick(changes), random.pick(repositories));
  }
  session.wait(random.logNormal(8, 0.6));
  agent.end();
}

function agentOf(session: Session): CodingAgent {
  switch (session.actor.dialect) {
    case 'claude_code':
      return claudeCode(session);
    case 'codex':
      return codex(session);
    case 'gemini_cli':
      return geminiCli(session);
    default:
      throw new Error(`${session.actor.name} is no coding agent.`);
  }
}

class Work {
  private readonly session: Session;
  private readonly agent: CodingAgent;
  /** Tokens of all that was said so far, which every call sends along. */
  private contextTokens: number;
  private cachedTokens = 0;

  constructor(session: Session, agent: CodingAgent) {
    this.session = session;
    this.agent = agent;
    this.contextTokens = session.actor.contextTokens;
  }

  carryOut(change: Change, repository: string): void {
    const { random } = this.session;
    const wish = '[, please.|. The tests are red.|. Add a test for it.|, and run the tests.]';
    const prompt = phrase(random, `[In ${repository}: |]${change.title}${wish}`);
    this.agent.hear(prompt);
    this.read(prompt);
    if (random.chance(0.25)) this.lookUpTicket();
    for (const [at, file] of change.files.slice(0, random.int(1, 2)).entries()) {
      const [before = '', after = ''] = change.edits[at] ?? [];
      const line = random.int(10, 180);
      if (
        !this.act(
          '[|I read what is there.|First, the file.]',
          { kind: 'read', file },
          `${line}\t${before}`,
          0.02,
        )
      )
        continue;
      const edit: Act = { kind: 'edit', file, before, after };
      this.act('[|Here it is.|This is the place.]', edit, `${file} has been updated.`, 0.03);
      for (let runs = random.poisson(0.8); runs > 0; runs -= 1) this.run(file);
    }
    const facts = { count: random.int(140, 900) };
    this.answer(
      phrase(random, `${change.done} [All {count} tests pass.|Nothing else uses it.|]`, facts),
      null,
    );
  }

  private run(file: string): void {
    const { random } = this.session;
    const [command, prints, seconds] = random.pick(commands);
    const facts = { count: random.int(140, 900), line: random.int(8, 300), file };
    this.act(
      '[|Let me run it.|I check that.]',
      { kind: 'run', command },
      phrase(random, prints, facts),
      seconds,
    );
  }

  private lookUpTicket(): void {
    const { random } = this.session;
    const id = random.int(1_000, 9_800);
    const act: Act = { kind: 'ask', server: 'tickets', tool: 'get_ticket', args: { id } };
    const found = phrase(random, '{"id":{id},"state":"[open|in review]","comments":[0|2|5]}', {
      id,
    });
    this.act('[|I look up the ticket.]', act, found, 0.4);
  }

  /** The model wants something done; it is let or not, and then it happens. Returns whether it did. */
  private act(says: string, act: Act, result: string, seconds: number): boolean {
    const { session, agent } = this;
    const { random } = session;
    const tool = { ...agent.toolOf(act), id: callIdOf(session), act };
    this.answer(phrase(random, says), tool);
    const consent = consentTo(session, act);
    if (consent !== 'settings') session.wait(random.logNormal(6, 0.8));
    agent.decide(tool, consent);
    if (consent === 'refused') return false;
    const failure = random.chance(0.03) ? random.pick(failures[act.kind]) : null;
    const done: Done = { result, failure, seconds: random.logNormal(seconds, 0.6) };
    session.wait(done.seconds + 0.003);
    agent.use(tool, consent, done);
    this.read(failure ?? result);
    return failure === null;
  }

  private answer(text: string, tool: Parameters<CodingAgent['answer']>[1]): void {
    const { session, agent } = this;
    const { random, release } = session;
    for (
      let attempt = 1;
      attempt <= 2 && release.model && session.fails(release.model);
      attempt += 1
    ) {
      const seconds = random.logNormal(0.6, 0.5);
      session.wait(seconds);
      agent.fail(random.pick(apiFailuresOf(session)), attempt, seconds);
      session.wait(random.logNormal(2 * attempt, 0.3));
    }
    // What it works out before it asks: so that a call does not begin before what it answers to.
    session.wait(0.002 + random.logNormal(0.03, 0.5));
    const usage = this.usageOf(text, tool?.args ?? null);
    // What an answer took lies before it is told; where both ends are told, the agent lets it pass itself.
    if (session.actor.dialect !== 'gemini_cli') session.wait(usage.seconds);
    agent.answer(text, tool, usage);
    this.contextTokens += usage.outputTokens;
  }

  private usageOf(text: string, args: object | null): Usage {
    const { random } = this.session;
    const characters = text.length + (args === null ? 0 : JSON.stringify(args).length);
    const outputTokens = Math.ceil(characters / charactersPerToken) + random.int(12, 60);
    const reasoningTokens = 64 * random.int(0, 6);
    const cachedTokens = this.cachedTokens;
    const newlyCachedTokens = Math.max(0, this.contextTokens - cachedTokens - random.int(3, 9));
    this.cachedTokens = cachedTokens + newlyCachedTokens;
    return {
      ...{ inputTokens: this.contextTokens, cachedTokens, newlyCachedTokens },
      ...{ outputTokens: outputTokens + reasoningTokens, reasoningTokens },
      seconds: random.logNormal(1.2 + (outputTokens + reasoningTokens) / 70, 0.35),
    };
  }

  private read(text: string): void {
    this.contextTokens += Math.ceil(text.length / charactersPerToken) + 12;
  }
}

/** Reading is always let; what changes something is asked about now and then. */
function consentTo({ random }: Session, { kind }: Act): Consent {
  if (kind === 'read' || random.chance(0.7)) return 'settings';
  return random.chance(0.06) ? 'refused' : 'person';
}

function callIdOf({ random, actor }: Session): string {
  if (actor.dialect === 'claude_code') return `toolu_${random.hex(24)}`;
  return actor.dialect === 'codex' ? `call_${random.hex(24)}` : `${random.hex(12)}`;
}

const apiFailures = [
  { status: 429, type: 'rate_limit_error', message: 'Too many requests for this account' },
  { status: 503, type: 'service_unavailable', message: 'Service unavailable' },
  { status: 500, type: 'api_error', message: 'Internal server error' },
];
const overloaded = { status: 529, type: 'overloaded_error', message: 'Overloaded' };
const apiFailuresOf = ({ actor }: Session) =>
  actor.dialect === 'claude_code' ? [overloaded, overloaded, ...apiFailures] : apiFailures;

const failures: Record<Act['kind'], readonly string[]> = {
  read: ['File does not exist.'],
  edit: ['String to replace was not found in the file.', 'The file was changed since it was read.'],
  run: ['exit code 1', 'The command timed out after 120 s'],
  ask: ['The server answered with an error: no such ticket'],
};
