import { parseArgs } from 'node:util';
import type { Queryable } from '@/lib/db/pool';
import { type Installation, onInstallation } from './sending/installation';
import { pause } from './sending/pause';
import type { PlannedItem } from './sending/planned-item';
import { registerAll, type SentIdentity } from './sending/registry';
import { Sender } from './sending/sender';
import { abortOnSignals, numberOption, sendingSettings } from './sending/settings';
import { generate, type Simulation, seedMarkOf } from './simulate/generate';
import { actors, collectors } from './simulate/organisation';
import { dayMs } from './simulate/rhythm';
import { UsageError } from './usage';

const windowItems = 2_000;
const tellsEveryItems = 20_000;
/** The gateway reads new names every second. */
const namesKnownAfterMs = 2_000;

export type SimulateOptions = Simulation & {
  rate: number | null;
  gatewayUrl: string;
  perReporter: number;
  signal: AbortSignal;
  say: (line: string) => void;
};
export type SimulateOutcome = {
  identities: number;
  /** Interactions, and data points of metrics. */
  sent: number;
  measured: number;
  /** Interactions that were made, and were there before. */
  repeated: number;
  refused: number;
  seconds: number;
};

const usage = `Usage: npm run sallyport -- simulate [--days 30] [--seed 7] [--scale 1] [--until TIME] [--rate N] [--json]

Fills this installation with what a made-up organisation does: some two dozen agents, daemons, services and
external APIs in eight teams, coding agents in terminals among them, with working hours and weekends, releases,
ordinary errors, and two agents that nobody registered. Everything is marked as simulated. The identities are registered; their keys end with this
command.

  --days N        so many days up to --until: 30
  --seed N        another seed is another history of the same organisation: 7
  --scale X       1 is about 230,000 interactions in 30 days
  --until TIME    ISO 8601; now, unless given
  --time-zone Z   of the organisation: as set up here, else Europe/Berlin
  --rate N        at most N interactions a second
  --if-empty      only if this installation holds nothing at all
  --json          {"identities", "sent", "measured", "repeated", "refused", "seconds"}

The same seed, scale, time zone and end make the same interactions. Run again with the same seed, it goes on where
it stopped and sends nothing twice.
`;

export async function simulate(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      ...{ days: { type: 'string' }, seed: { type: 'string' }, scale: { type: 'string' } },
      ...{ until: { type: 'string' }, 'time-zone': { type: 'string' }, rate: { type: 'string' } },
      'if-empty': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const days = numberOption('days', values.days, { min: 0.01, max: 365 }) ?? 30;
  const untilMs = untilOf(values.until, Date.now());
  const given = {
    ...sendingSettings(),
    seed: numberOption('seed', values.seed, { min: 0, max: 2 ** 31, isWhole: true }) ?? 7,
    scale: numberOption('scale', values.scale, { min: 0.001, max: 20 }) ?? 1,
    rate: numberOption('rate', values.rate, { min: 1, max: 1_000_000 }) ?? null,
    fromMs: untilMs - days * dayMs,
    untilMs,
    signal: abortOnSignals(),
    say: (line: string) => process.stderr.write(`${line}\n`),
  };
  const outcome = await onInstallation(async (installation) => {
    if (values['if-empty'] && !(await isEmpty(installation.sql))) {
      given.say(
        'This installation holds something already, so it is not filled. `npm run sallyport -- simulate` fills it all the same, or goes on where it stopped.',
      );
      return null;
    }
    const timeZone = zoneOf(values['time-zone'] ?? (await timeZoneOf(installation.sql)));
    return simulateOrganisation(installation, { ...given, timeZone });
  });
  if (outcome === null) return;
  if (values.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else process.stdout.write(`${tellOutcome(outcome)}\n`);
  if (outcome.refused > 0) process.exitCode = 1;
}

/** Registers who acts, then sends what they did, in order, from where an earlier run of this seed stopped. */
export async function simulateOrganisation(
  installation: Installation,
  options: SimulateOptions,
): Promise<SimulateOutcome> {
  const { say, signal } = options;
  const beganMs = performance.now();
  const identities = identitiesOf();
  const reporters = new Set(actors.map(({ reporter }) => reporter));
  const registered = await registerAll(installation, identities, reporters, 1);
  const outcome: SimulateOutcome = {
    ...{ identities: identities.length, sent: 0, measured: 0, repeated: 0, refused: 0, seconds: 0 },
  };
  try {
    const reached = await readReached(installation.sql, registered.ids, reporters, options.seed);
    await pause(namesKnownAfterMs, signal);
    const sender = new Sender({ ...options, keys: registered.keys });
    let held: PlannedItem[] = [];
    let told = 0;
    const flush = async () => {
      await sender.send(held);
      const measured = held.filter(({ signal }) => signal === 'metric').length;
      outcome.sent += held.length - measured;
      outcome.measured += measured;
      held = [];
    };
    for (const item of generate(options)) {
      if (item.endUs <= (reached.get(streamOf(item.reporter, item.signal)) ?? 0)) {
        if (item.signal !== 'metric') outcome.repeated += 1;
        continue;
      }
      held.push(item);
      if (held.length < windowItems) continue;
      await flush();
      if (outcome.sent - told < tellsEveryItems) continue;
      told = outcome.sent;
      const at = new Date(item.endUs / 1000).toISOString().slice(0, 16);
      say(`${outcome.sent} interactions, up to ${at}Z.`);
    }
    await flush();
    outcome.refused = sender.refused;
    if (sender.refused > 0) say(`Refused: ${sender.refused}. ${sender.refusedBecause}`);
  } finally {
    await registered.close();
  }
  outcome.seconds = Number(((performance.now() - beganMs) / 1000).toFixed(1));
  return outcome;
}

function identitiesOf(): SentIdentity[] {
  const registered = actors.flatMap(({ kind, name, reporter }) =>
    kind === 'unregistered' ? [] : [{ kind, name, reporter }],
  );
  return [
    ...registered.map(({ kind, name }) => ({ kind, name })),
    ...collectors.map((name) => ({
      kind: 'service' as const,
      name,
      reportsFor: registered.filter(({ reporter }) => reporter === name).map((each) => each.name),
    })),
  ];
}

/** What one reporter sends in order: spans or log records, of which each has only one, and data points. */
const streamOf = (reporter: string, signal: PlannedItem['signal']): string =>
  `${signal === 'metric' ? 'metric' : 'interaction'} ${reporter}`;

/**
 * How far each reporter has sent what this seed makes: it comes in the order in which it ends, so that whatever
 * ended later has not been sent.
 */
async function readReached(
  db: Queryable,
  ids: ReadonlyMap<string, string>,
  reporters: ReadonlySet<string>,
  seed: number,
): Promise<Map<string, number>> {
  const names = new Map([...reporters].map((name) => [ids.get(name) ?? '', name]));
  const mark = seedMarkOf(seed);
  const { rows } = await db.query<{
    reporter: string;
    signal: PlannedItem['signal'];
    reached: bigint;
  }>(
    `SELECT reporter, 'log' AS signal, max(ended_ns) AS reached FROM interaction
     WHERE reporter = ANY($1::uuid[]) AND (substr(trace, 1, 4) = $2 OR right(conversation, 8) = $3) GROUP BY reporter
     UNION ALL
     SELECT reporter, 'metric', max(ended_ns) FROM measurement
     WHERE reporter = ANY($1::uuid[]) AND right(conversation, 8) = $3 GROUP BY reporter`,
    [[...names.keys()], Buffer.from(mark, 'hex'), mark],
  );
  return new Map(
    rows.map(({ reporter, signal, reached }) => [
      streamOf(names.get(reporter) ?? '', signal),
      Number(reached / 1000n),
    ]),
  );
}

async function isEmpty(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT FROM identity) OR EXISTS (SELECT FROM shard WHERE kind = 'telemetry' AND next_position > 0) AS used`,
  );
  return rows[0]?.used === false;
}

async function timeZoneOf(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ time_zone: string }>('SELECT time_zone FROM setting');
  return rows[0]?.time_zone ?? 'Europe/Berlin';
}

function zoneOf(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new UsageError(`${name} is no time zone: one is called Europe/Berlin.`);
  }
}

/** To the minute, so that two runs within it are the same. */
function untilOf(text: string | undefined, nowMs: number): number {
  const ms = text === undefined ? nowMs : Date.parse(text);
  if (Number.isNaN(ms)) throw new UsageError('--until is a time, such as 2026-11-25T08:00Z.');
  if (ms > nowMs) throw new UsageError('--until lies in the future, where nothing has happened.');
  return Math.floor(ms / 60_000) * 60_000;
}

const tellOutcome = (outcome: SimulateOutcome): string => {
  const { identities, sent, measured, repeated, refused, seconds } = outcome;
  return `Sent ${sent} interactions and ${measured} data points of ${identities} identities in ${seconds} s; ${repeated} were there before, ${refused} were refused.`;
};
