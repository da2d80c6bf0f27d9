export const textIn = (form: FormData, field: string): string =>
  String(form.get(field) ?? '').trim();

/** What is empty or no number is none, and is refused with a sentence. */
export const numberIn = (form: FormData, field: string): number => {
  const written = textIn(form, field);
  return written === '' ? Number.NaN : Number(written);
};

/** Lines, or whatever else `separator` makes, that hold something. */
export const linesIn = (form: FormData, field: string, separator = /[\r\n]+/): string[] =>
  textIn(form, field)
    .split(separator)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** For so many days; null, for good, when left empty. */
export const daysIn = (form: FormData): number | null =>
  textIn(form, 'days') === '' ? null : numberIn(form, 'days');
