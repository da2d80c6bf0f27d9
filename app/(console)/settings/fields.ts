export const textIn = (form: FormData, field: string): string =>
  String(form.get(field) ?? '').trim();

/** What is empty or no number is none, and is refused with a sentence. */
export const numberIn = (form: FormData, field: string): number => {
  const written = textIn(form, field);
  return written === '' ? Number.NaN : Number(written);
};

/** Lines that hold something. */
export const linesIn = (form: FormData, field: string): string[] =>
  String(form.get(field) ?? '')
    .split(/[\r\n,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
