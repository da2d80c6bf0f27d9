import type { Acted } from '@/lib/core/result';

/** An identity with a key that is shown this once. */
export type Connected = {
  id: string;
  name: string;
  ingestKey: string;
  expiresAt: string;
  /** Where looking for what arrives by it begins. */
  place: string;
};
export type ConnectResult = Acted<Connected>;
/** The server action behind the connect page, as a form calls it. */
export type Connect = (last: ConnectResult | null, form: FormData) => Promise<ConnectResult>;
