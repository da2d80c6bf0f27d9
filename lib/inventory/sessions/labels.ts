import type { Actor } from './address';
import type { Outcome } from './pair-calls';
import type { Speaker } from './reader';
import type { EntryFlag } from './schema';

export const flagLabels: Record<EntryFlag, { word: string; sentence: string }> = {
  late: { word: 'late', sentence: 'It arrived more than a minute after it ended.' },
  orphan: { word: 'orphan', sentence: 'It names a parent that was never received.' },
  duplicate: {
    word: 'same span id',
    sentence: 'Another entry has the same span id. Both are kept; children hang under the first.',
  },
  cycle: {
    word: 'circle',
    sentence: 'Its parents lead back to itself, so it stands at the top.',
  },
  early: {
    word: 'before its parent',
    sentence: 'It says it started before its parent: their clocks differ.',
  },
  implausible: {
    word: 'implausible time',
    sentence: 'Its own time is not believed, so it stands where it arrived.',
  },
  same_call: {
    word: 'told twice',
    sentence: 'Another entry tells of the same call, so this one is not counted.',
  },
  counterpart: {
    word: 'other end',
    sentence: 'The other end of an exchange that is counted where it was asked for.',
  },
};

export const speakerLabels: Record<Speaker, string> = {
  instructions: 'Instructions',
  user: 'User',
  model: 'Model',
  tool: 'Tool',
  source: 'Source',
  agent: 'Other agent',
};

export const outcomeLabels: Record<Outcome, string | null> = {
  answered: null,
  none: 'No result was received.',
  unknown: null,
};

export const actorLabels: Record<Actor, string> = {
  agent: 'Agents',
  daemon: 'Daemons',
  service: 'Services',
  external_api: 'External APIs',
  unregistered: 'Unregistered',
};
