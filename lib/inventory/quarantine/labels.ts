import type { DropReason } from '@/lib/telemetry/schema';
import type { ReplayState } from './schema';

export const reasonLabels: Record<DropReason, { word: string; sentence: string }> = {
  malformed_item: {
    word: 'Malformed',
    sentence: 'The bytes cannot be read as what they claim to be.',
  },
  invalid_trace_id: {
    word: 'Invalid trace id',
    sentence: 'A trace id is 16 bytes and not all zero.',
  },
  invalid_span_id: { word: 'Invalid span id', sentence: 'A span id is 8 bytes and not all zero.' },
  time_out_of_range: {
    word: 'Time out of range',
    sentence: 'Its time does not fit into 64 bits of nanoseconds.',
  },
  too_large: { word: 'Too large', sentence: 'It has more bytes than one item may have.' },
  too_many_attributes: {
    word: 'Too many attributes',
    sentence: 'It has more attributes than one item may have.',
  },
  too_many_events: {
    word: 'Too many events',
    sentence: 'It has more events or links than one item may have.',
  },
  too_deep: { word: 'Too deep', sentence: 'Its values are nested deeper than is read.' },
  failed_here: {
    word: 'Failed here',
    sentence: 'Something failed here while it was worked on. Replay it with a later version.',
  },
};

/** A reason that this version does not know is shown as it is written. */
export const reasonOf = (reason: string): { word: string; sentence: string } =>
  // The key may be absent, which is what the fallback is for.
  (reasonLabels as Record<string, { word: string; sentence: string } | undefined>)[reason] ?? {
    word: reason,
    sentence: 'This version does not know this reason.',
  };

export const replayLabels: Record<ReplayState, { word: string; tone: 'on' | 'wait' | 'off' }> = {
  requested: { word: 'Replay waits', tone: 'wait' },
  accepted: { word: 'Accepted', tone: 'on' },
  refused_again: { word: 'Refused again', tone: 'off' },
};
