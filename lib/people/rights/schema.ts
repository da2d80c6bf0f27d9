import { z } from 'zod';
import { Reason } from '../reason';
import { Rights, Role, rolesOf } from '../schema';
import { isWithin } from './compare';

export const teamsMax = 50;

/** What a person may: roles, whose activity is seen, whose content is read and taken out, and in which teams. */
export const GivenRights = z
  .object({
    roles: z
      .array(Role)
      .max(20)
      .transform((roles) => rolesOf(roles))
      .refine((roles) => roles.length > 0, 'Choose one role or more.'),
    reach: z.enum(['teams', 'all'], 'Activity is seen of all, or of one’s teams.'),
    contentRead: Rights,
    contentExport: Rights,
    teams: z
      .array(z.guid())
      .max(teamsMax, `A person is in ${teamsMax} teams at most.`)
      .transform((teams) => [...new Set(teams)].sort()),
  })
  .refine(({ contentRead, contentExport }) => isWithin(contentExport, contentRead), {
    message: 'Content that a person may not read cannot be exported either.',
  });
export type GivenRights = z.output<typeof GivenRights>;

export const ChangeRights = z.object({ personId: z.guid(), rights: GivenRights, reason: Reason });
export type ChangeRights = z.input<typeof ChangeRights>;
