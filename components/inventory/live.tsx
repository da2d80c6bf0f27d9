'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';

/** Around whatever reads live on a page. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({ defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false } } }),
  );
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

const Problem = z.object({ title: z.string(), request_id: z.string() });

/** A failure in words that may be shown. */
export class LiveError extends Error {
  readonly requestId: string | null;
  constructor(message: string, requestId: string | null) {
    super(message);
    this.requestId = requestId;
  }
}

/** Reads a live route; throws a `LiveError` whose message may be shown. */
export async function readLive<Value>(
  schema: z.ZodType<Value>,
  url: string,
  signal?: AbortSignal,
): Promise<Value> {
  const response = await fetch(url, {
    signal: signal ?? null,
    headers: { accept: 'application/json' },
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return schema.parse(body);
  const problem = Problem.safeParse(body);
  throw new LiveError(
    problem.success ? problem.data.title : 'The console did not answer. Try again.',
    problem.success ? problem.data.request_id : null,
  );
}
