import type { ChangeRights } from '@/lib/people/rights/schema';

export const invitedSentence = (isMailed: boolean): string =>
  isMailed
    ? 'Invited. The link is on its way by e-mail; it works once, for 72 hours.'
    : 'Invited. Send this link by a way that only this person reads; it works once, for 72 hours.';

export const resetSentence = (made: { isMailed: boolean } | null): string => {
  if (made === null) return 'Reset. The next single sign-on may ask to enrol a second factor.';
  return made.isMailed
    ? 'Reset. The link to choose a new password is on its way by e-mail; it works once, for 72 hours.'
    : 'Reset. Send this link to choose a new password by a way that only this person reads; it works once, for 72 hours.';
};

export const text = (form: FormData, field: string): string => String(form.get(field) ?? '').trim();

export const ofPerson = (form: FormData) => ({
  personId: text(form, 'personId'),
  reason: text(form, 'reason'),
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
