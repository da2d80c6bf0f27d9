/** An expected outcome: what was asked for, or the closed reason why not. */
export type Result<Value, Reason extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason; readonly message: string };

export const ok = <Value>(value: Value) => ({ ok: true, value }) as const;
export const refused = <Reason extends string>(reason: Reason, message: string) =>
  ({ ok: false, reason, message }) as const;

/**
 * What a person's act comes to. `factor_needed`: a second factor must be shown again, then the same act goes through.
 */
export type Acted<Value> = Result<Value, ActRefusal>;
export type ActRefusal = 'refused' | 'signed_out' | 'forbidden' | 'factor_needed';
