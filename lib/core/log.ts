/** One JSON object a line on stderr: a wide event, not a sentence. */
export function logEvent(event: string, fields: Record<string, unknown> = {}): void {
  process.stderr.write(
    `${JSON.stringify({ at: new Date().toISOString(), event, ...fields }, replaceUnprintable)}\n`,
  );
}

function replaceUnprintable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error)
    return {
      name: value.name,
      message: value.message,
      stack: value.stack,
      ...('detail' in value ? { detail: value.detail } : {}),
    };
  return value;
}
