import type { IdentityKind } from '@/lib/identities/schema';
import type { RhythmName } from './rhythm';

/**
 * Halden Outdoor, a retailer of outdoor equipment that does not exist: who acts there, how often, on what
 * models and machines, and through whose hands its telemetry goes.
 */

export type Model = {
  name: string;
  provider: string;
  host: string;
  /** Dollars for a million tokens. */
  inputPrice: number;
  outputPrice: number;
};

const model = (
  name: string,
  provider: string,
  host: string,
  [inputPrice, outputPrice]: [number, number],
): Model => ({ name, provider, host, inputPrice, outputPrice });

export const models = {
  mini: model('gpt-4.1-mini', 'openai', 'api.openai.com', [0.4, 1.6]),
  mini5: model('gpt-5-mini', 'openai', 'api.openai.com', [0.25, 2]),
  large: model('gpt-4.1', 'openai', 'api.openai.com', [2, 8]),
  sonnet: model('claude-sonnet-4-5', 'anthropic', 'api.anthropic.com', [3, 15]),
  haiku: model('claude-haiku-4-5', 'anthropic', 'api.anthropic.com', [1, 5]),
  codex: model('gpt-5-codex', 'openai', 'api.openai.com', [1.25, 10]),
  flash: model('gemini-2.5-flash', 'gcp.gemini', 'generativelanguage.googleapis.com', [0.3, 2.5]),
  pro: model('gemini-2.5-pro', 'gcp.gemini', 'generativelanguage.googleapis.com', [1.25, 10]),
  embedding: model('text-embedding-3-small', 'openai', 'api.openai.com', [0.02, 0]),
} as const;
export type ModelName = keyof typeof models;

export type Archetype =
  | ('triage' | 'returns' | 'knowledge' | 'handbook' | 'invoice' | 'expenses' | 'review' | 'coding')
  | ('incident' | 'recruiting' | 'sales' | 'pricing' | 'campaign' | 'etl' | 'sync' | 'indexer')
  | ('fraud' | 'reports' | 'payments' | 'parcels' | 'notebook' | 'meeting' | 'server')
  | 'terminal';

/** How often: so many times on a usual day, every so many minutes, or at a time of day on weekdays or daily. */
export type Frequency =
  | { perDay: number; rhythm: RhythmName }
  | { everyMinutes: number }
  | { at: string; isDaily: boolean }
  | null;

export type Actor = {
  name: string;
  kind: IdentityKind | 'unregistered';
  team: string;
  archetype: Archetype;
  frequency: Frequency;
  /** Whose key sends its telemetry: its own name, or a collector's. */
  reporter: string;
  /** The model it has, and the one that a release replaces it with some weeks later. */
  models: readonly ModelName[];
  dialect: 'genai' | 'openinference' | 'claude_code' | 'codex' | 'gemini_cli';
  /** Whether its instrumentation reports what a call cost. */
  tellsCost: boolean;
  address: string;
  /** Tokens of instructions and tool definitions, which are sent along with every call. */
  contextTokens: number;
};

const core = 'otel-collector-core';
const shop = 'otel-collector-shop';

type Given = Partial<Pick<Actor, 'dialect' | 'tellsCost' | 'kind' | 'reporter' | 'models'>>;

const contextTokens: Partial<Record<Archetype, number>> = {
  returns: 2_300,
  knowledge: 1_400,
  invoice: 1_900,
  review: 5_200,
  coding: 13_600,
  incident: 4_100,
  terminal: 15_200,
  recruiting: 1_200,
  sales: 2_700,
};

let made = 10;

function actor(
  name: string,
  team: string,
  archetype: Archetype,
  frequency: Frequency,
  given: Given = {},
): Actor {
  made += 1;
  return {
    name,
    team,
    archetype,
    frequency,
    kind: 'agent',
    reporter: core,
    models: [],
    dialect: 'genai',
    tellsCost: true,
    contextTokens: contextTokens[archetype] ?? 420,
    address: `10.20.${made >> 4}.${made}`,
    ...given,
  };
}

const daemon = { kind: 'daemon', tellsCost: false } as const;
const service = { kind: 'service', tellsCost: false } as const;
const external = { kind: 'external_api', reporter: shop, tellsCost: false } as const;
const unregistered = { kind: 'unregistered', tellsCost: false } as const;

export const actors: readonly Actor[] = [
  actor(
    'triage-agent',
    'support',
    'triage',
    { perDay: 190, rhythm: 'customers' },
    { reporter: shop, models: ['mini', 'mini5'] },
  ),
  actor(
    'returns-agent',
    'support',
    'returns',
    { perDay: 95, rhythm: 'customers' },
    { reporter: shop, models: ['large'] },
  ),
  actor(
    'knowledge-assistant',
    'it',
    'knowledge',
    { perDay: 150, rhythm: 'office' },
    { dialect: 'openinference', models: ['haiku'] },
  ),
  actor(
    'handbook-helper',
    'people',
    'handbook',
    { perDay: 35, rhythm: 'office' },
    { models: ['flash'] },
  ),
  actor(
    'invoice-agent',
    'finance',
    'invoice',
    { perDay: 75, rhythm: 'office' },
    { models: ['large'] },
  ),
  actor(
    'expense-auditor',
    'finance',
    'expenses',
    { at: '18:10', isDaily: false },
    { models: ['mini'] },
  ),
  actor(
    'code-review-agent',
    'engineering',
    'review',
    { perDay: 45, rhythm: 'office' },
    { reporter: 'code-review-agent', models: ['sonnet'] },
  ),
  actor(
    'dev-assistant',
    'engineering',
    'coding',
    { perDay: 26, rhythm: 'office' },
    { reporter: 'dev-assistant', models: ['sonnet'] },
  ),
  actor(
    'dev-claude-code',
    'engineering',
    'terminal',
    { perDay: 18, rhythm: 'office' },
    { reporter: 'dev-claude-code', dialect: 'claude_code', models: ['sonnet'] },
  ),
  actor(
    'dev-codex',
    'engineering',
    'terminal',
    { perDay: 6, rhythm: 'office' },
    { reporter: 'dev-codex', dialect: 'codex', models: ['codex'], tellsCost: false },
  ),
  actor(
    'dev-gemini-cli',
    'data',
    'terminal',
    { perDay: 5, rhythm: 'office' },
    { reporter: 'dev-gemini-cli', dialect: 'gemini_cli', models: ['pro'], tellsCost: false },
  ),
  actor(
    'incident-responder',
    'engineering',
    'incident',
    { perDay: 6, rhythm: 'oncall' },
    { models: ['sonnet'] },
  ),
  actor(
    'recruiting-assistant',
    'people',
    'recruiting',
    { perDay: 16, rhythm: 'office' },
    { models: ['mini'] },
  ),
  actor(
    'sales-research-agent',
    'sales',
    'sales',
    { perDay: 42, rhythm: 'office' },
    { reporter: 'sales-research-agent', models: ['large'] },
  ),
  actor('pricing-agent', 'sales', 'pricing', null, { models: ['mini'] }),
  actor(
    'campaign-writer',
    'marketing',
    'campaign',
    { perDay: 14, rhythm: 'office' },
    { models: ['flash', 'haiku'] },
  ),
  actor(
    'nightly-etl',
    'data',
    'etl',
    { at: '02:15', isDaily: true },
    { ...daemon, models: ['embedding'] },
  ),
  actor('crm-sync', 'data', 'sync', { everyMinutes: 15 }, daemon),
  actor(
    'catalogue-indexer',
    'data',
    'indexer',
    { everyMinutes: 60 },
    { ...daemon, reporter: shop, models: ['embedding'] },
  ),
  actor(
    'fraud-scorer',
    'finance',
    'fraud',
    { everyMinutes: 5 },
    { ...daemon, reporter: 'fraud-scorer', models: ['mini5'] },
  ),
  actor(
    'report-mailer',
    'finance',
    'reports',
    { at: '07:00', isDaily: false },
    { ...daemon, models: ['flash'] },
  ),
  actor('docs-mcp-server', 'it', 'server', null, service),
  actor('repo-mcp-server', 'engineering', 'server', null, service),
  actor('cardstream', 'finance', 'payments', { perDay: 170, rhythm: 'customers' }, external),
  actor('parcelwise', 'support', 'parcels', { perDay: 120, rhythm: 'always' }, external),
  actor(
    'notebook-assistant',
    'data',
    'notebook',
    { perDay: 5, rhythm: 'office' },
    { ...unregistered, models: ['large'] },
  ),
  actor(
    'meeting-notes-bot',
    'marketing',
    'meeting',
    { perDay: 4, rhythm: 'office' },
    { ...unregistered, reporter: shop, models: ['mini'] },
  ),
];

/** Collectors, and for whom each may speak. */
export const collectors = [core, shop];

export function actorNamed(name: string): Actor {
  const found = actors.find((each) => each.name === name);
  if (found === undefined) throw new Error(`Nobody is called ${name}.`);
  return found;
}
