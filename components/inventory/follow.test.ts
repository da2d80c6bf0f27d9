import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow } from './follow';

const encoder = new TextEncoder();
type Open = { signal: AbortSignal; say: (text: string) => void };

let opened: Open[];
let told: string[];
let left: AbortController;

/** A server that answers and then says only what a test has it say; `isMute` never answers at all. */
function serve({ isMute = false } = {}) {
  vi.stubGlobal('fetch', (_url: string, { signal }: { signal: AbortSignal }) => {
    let say: Open['say'] = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        say = (text) => controller.enqueue(encoder.encode(text));
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    opened.push({ signal, say });
    return new Promise<Response>((resolve, reject) => {
      if (!isMute) resolve(new Response(body));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
}

const start = () =>
  void follow(
    () => '/api/live/tail',
    (event) => told.push(event.type),
    left.signal,
  );
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  told = [];
  left = new AbortController();
});
afterEach(async () => {
  left.abort();
  await pass(60);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a live stream', () => {
  it('that is silent for two heartbeats is lost, and is connected anew', async () => {
    serve();
    start();
    await pass(31);
    expect(told).toEqual(['connected']);
    await pass(2);
    expect(opened[0]?.signal.aborted).toBe(true);
    expect(told).toEqual(['connected', 'lost']);
    await pass(2);
    expect(told).toEqual(['connected', 'lost', 'connected']);
  });

  it('that says nothing but that it is there is kept', async () => {
    serve();
    start();
    for (let beat = 0; beat < 10; beat += 1) {
      await pass(15);
      opened[0]?.say(': heartbeat\n\n');
    }
    expect(told).toEqual(['connected']);
    expect(opened).toHaveLength(1);
  });

  it('that nobody answers ends after five tries', async () => {
    serve({ isMute: true });
    start();
    await pass(5 * 34);
    expect(opened).toHaveLength(5);
    expect(told.at(-1)).toBe('ended');
  });

  it('that somebody left is not asked for again', async () => {
    serve();
    start();
    await pass(1);
    left.abort();
    await pass(60);
    expect(told).toEqual(['connected']);
    expect(opened).toHaveLength(1);
  });
});
