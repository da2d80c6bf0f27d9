import { linesIn, textIn } from '../fields';

const listIn = (form: FormData, name: string): string[] => form.getAll(name).map(String);

/** Who answers for it, where it belongs, what for, and what is expected of it, as the form has it. */
export const whoIn = (form: FormData) => ({
  ownerId: textIn(form, 'ownerId') || null,
  sponsorId: textIn(form, 'sponsorId') || null,
  teamId: textIn(form, 'teamId') || null,
  zoneId: textIn(form, 'zoneId') || null,
  purpose: textIn(form, 'purpose'),
  tags: linesIn(form, 'tags', /[,\r\n]+/),
  actsFor:
    textIn(form, 'actsFor') === 'all'
      ? ('all' as const)
      : { people: listIn(form, 'actsForPeople'), teams: listIn(form, 'actsForTeams') },
  expects: listIn(form, 'expects'),
});

/** All that is said of an identity. */
export const attributesIn = (form: FormData) => ({
  ...whoIn(form),
  name: textIn(form, 'name'),
  names: linesIn(form, 'names'),
  reportsFor:
    textIn(form, 'reportsForAll') === 'yes' ? ('all' as const) : listIn(form, 'reportsFor'),
});
