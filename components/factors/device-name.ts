/** What a passkey is called at first: the device that made it, as far as the browser tells. */
export function deviceName(userAgent: string = navigator.userAgent): string {
  const known = [
    ['iPhone', /iPhone/],
    ['iPad', /iPad/],
    ['Android device', /Android/],
    ['Mac', /Mac OS X/],
    ['Windows device', /Windows/],
    ['Linux device', /Linux/],
  ] as const;
  return known.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'Passkey';
}
