/** Where a request wanted to go, as proxy.ts wrote it: pages are not told their own address. */
export const targetHeader = 'x-sallyport-target';

export const firstPage = '/overview';

const charsMax = 2000;
// Never asked of a URL; a base to resolve against.
const base = 'http://console.invalid';

/**
 * The page to go on to after signing in: a path of this console, whatever the address says.
 * INVARIANT: what is returned begins with one slash, so that it cannot leave this origin.
 */
export function targetOf(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > charsMax || !asked.startsWith('/'))
    return firstPage;
  if (!URL.canParse(asked, base)) return firstPage;
  const { origin, pathname, search } = new URL(asked, base);
  const isOurs = origin === base && !/^\/[/\\]/.test(pathname);
  const isPage = !/^\/(?:api|sign-in|set-up|_next)(?:\/|$)/.test(pathname) && pathname !== '/';
  return isOurs && isPage ? pathname + search : firstPage;
}

/** A further step of signing in, on the way to a page. */
export const stepPath = (step: 'factor' | 'enrol', target: string): string =>
  target === firstPage ? `/sign-in/${step}` : `/sign-in/${step}?to=${encodeURIComponent(target)}`;

/** The sign-in page, which remembers where the reader was going. */
export function signInPath(asked: unknown): string {
  const target = targetOf(asked);
  return target === firstPage ? '/sign-in' : `/sign-in?to=${encodeURIComponent(target)}`;
}
