/** Days until a secret is due to be rotated: usual, and at most. */
export const dueDays = 90;
export const dueDaysMax = 366;
