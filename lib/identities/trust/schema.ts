/** How far an identity is trusted: it rises by the rules of the organisation, and falls with them. */
export const trustLevels = ['observed', 'probation', 'trusted'] as const;
export type TrustLevel = (typeof trustLevels)[number];
