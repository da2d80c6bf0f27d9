import { z } from 'zod';
import { Reason } from '../reason';
import { nameOf } from '../schema';

export const TeamName = nameOf('Name the team.');

export const CreateTeam = z.object({ name: TeamName });
export type CreateTeam = z.input<typeof CreateTeam>;

export const RenameTeam = z.object({ teamId: z.guid(), name: TeamName });
export type RenameTeam = z.input<typeof RenameTeam>;

export const DeleteTeam = z.object({ teamId: z.guid() });
export type DeleteTeam = z.input<typeof DeleteTeam>;

export const SetMember = z.object({
  teamId: z.guid(),
  personId: z.guid('Choose a person.'),
  isMember: z.boolean(),
  reason: Reason,
});
export type SetMember = z.input<typeof SetMember>;

export const teamsMaxInAll = 500;

export type Team = {
  id: string;
  name: string;
  createdAt: Date;
  identities: number;
  members: { id: string; name: string; isRemoved: boolean }[];
};
