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

const Problem = z.object({ title: z.string(), code: z.string(), request_id: z.string() });

/** A failure in words that may be shown. */
export class LiveError extends Error {
  readonly code: string | null;
  readonly requestId: string | null;
  constructor(message: string, problem?: { code: string; requestId: string }) {
    super(message);
    this.code = problem?.code ?? null;
    this.requestId = problem?.requestId ?? null;
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
  if (!problem.success) throw new LiveError('The console did not answer. Try again.');
  const { title, code, request_id: requestId } = problem.data;
  throw new LiveError(title, { code, requestId });
}
