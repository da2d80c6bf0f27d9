/** Something, in one line, that nobody can mistake for another text because of characters that are not seen. */
export const singleLine = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
