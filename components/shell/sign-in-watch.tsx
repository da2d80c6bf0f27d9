'use client';

import { useEffect } from 'react';

const everyMs = 3000;

/**
 * Leaves the page when its sign-in has ended, wherever it was ended: what is open must not stay readable. A full load,
 * so that nothing of it is left. A console that does not answer says nothing about the sign-in.
 */
export function SignInWatch() {
  useEffect(() => {
    let isLeaving = false;
    const look = async () => {
      if (isLeaving) return;
      const response = await fetch('/api/live/sign-in', { cache: 'no-store' }).catch(() => null);
      if (response?.status !== 401 || isLeaving) return;
      isLeaving = true;
      const to = encodeURIComponent(location.pathname + location.search);
      location.replace(`/sign-in?to=${to}`);
    };
    const timer = setInterval(look, everyMs);
    // Browsers slow down the timers of pages that nobody sees: such a page asks when it is seen again.
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return null;
}
