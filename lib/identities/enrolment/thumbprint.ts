/** A thumbprint (RFC 7638) in groups of four, for comparing two by eye. */
export const thumbprintGroups = (thumbprint: string): string[] => thumbprint.match(/.{1,4}/g) ?? [];
