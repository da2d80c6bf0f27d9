import { z } from 'zod';
import { NewPassword } from '../new-password';
import { Email, OrganisationName, PersonName, TimeZone } from '../schema';

/** What the set-up page asks for. */
export const Setup = z.object({
  code: z.string().min(1, 'Enter the code from the terminal.').max(100),
  organisation: OrganisationName,
  timeZone: TimeZone,
  name: PersonName,
  email: Email,
  password: NewPassword,
});
export type Setup = z.infer<typeof Setup>;
