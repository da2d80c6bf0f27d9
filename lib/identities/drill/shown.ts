import { z } from 'zod';
import { counted } from '@/lib/inventory/labels';

const Named = z.object({ id: z.string(), name: z.string() });

/** A drill as it goes to the page that asks. */
export const ShownDrill = z.object({
  credentials: z.array(z.object({ kind: z.string(), live: z.number() })),
  sessions: z.number(),
  hours: z.array(z.number()),
  people: z.number(),
  only: z.object({
    count: z.number(),
    some: z.array(z.object({ kind: z.string(), name: z.string() })),
  }),
  silenced: z.object({ count: z.number(), some: z.array(Named) }),
  told: z.array(Named),
});
export type ShownDrill = z.infer<typeof ShownDrill>;

const namedMax = 3;

/** What would stop, one sentence for each kind of thing; names in them are as their senders wrote them. */
export function stopSentences(drill: ShownDrill): string[] {
  const { credentials, sessions, hours, people, only, silenced, told } = drill;
  const live = credentials.reduce((sum, each) => sum + each.live, 0);
  const inDay = hours.reduce((sum, each) => sum + each, 0);
  return [
    inDay === 0
      ? 'Nothing arrived of it in the last 24 hours.'
      : `${counted(inDay, 'interaction')} arrived of it in the last 24 hours${sessions === 0 ? '' : `, and ${counted(sessions, 'session')} in the last hour`}.`,
    ...(people === 0 ? [] : [`It acted for ${counted(people, 'person', 'people')} in a day.`]),
    live === 0
      ? 'It has no credential that works.'
      : `${counted(live, 'credential')} of it ${live === 1 ? 'proves' : 'prove'} nothing any more.`,
    ...(only.count === 0
      ? []
      : [
          `Nobody else used in 7 days: ${listed(
            only.some.map(({ name }) => name),
            only.count,
          )}.`,
        ]),
    ...(silenced.count === 0
      ? []
      : [
          `Nobody else reports for: ${listed(
            silenced.some.map(({ name }) => name),
            silenced.count,
          )}.`,
        ]),
    ...(told.length === 0 ? [] : [`Told of it: ${told.map(({ name }) => name).join(', ')}.`]),
  ];
}

function listed(names: readonly string[], count: number): string {
  const shown = names.slice(0, namedMax);
  const more = count - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-GB')} more` : ''}`;
}
