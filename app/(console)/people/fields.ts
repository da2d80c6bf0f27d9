import type { ChangeRights } from '@/lib/people/rights/schema';
import { textIn } from '../fields';

export const invitedSentence = (isMailed: boolean): string =>
  isMailed
    ? 'Invited. The link is on its way by e-mail; it works once, for 72 hours.'
    : 'Invited. Send this link by a way that only this person reads; it works once, for 72 hours.';

export const resetSentence = (made: { isMailed: boolean } | null): string => {
  if (made === null) return 'Reset. There is no link: this person comes by single sign-on.';
  return made.isMailed
    ? 'Reset. The link to choose a new password is on its way by e-mail; it works once, for 72 hours.'
    : 'Reset. Send this link to choose a new password by a way that only this person reads; it works once, for 72 hours.';
};

export const ofPerson = (form: FormData) => ({
  personId: textIn(form, 'personId'),
  reason: textIn(form, 'reason'),
});

/** What the fields say, whatever that is: the mutation reads it. */
export const rightsOf = (form: FormData): ChangeRights['rights'] => {
  const fields: unknown = {
    roles: form.getAll('roles'),
    reach: form.get('reach'),
    contentRead: form.get('contentRead'),
    contentExport: form.get('contentExport'),
    teams: form.getAll('teams'),
  };
  // Parsed by the mutation, as everything that was posted.
  return fields as ChangeRights['rights'];
};

export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
