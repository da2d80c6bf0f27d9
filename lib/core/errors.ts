/** What can go wrong, as far as a caller may tell one from another. */
export type ErrorCode =
  | 'invalid_input'
  | 'unauthenticated'
  | 'forbidden'
  | 'factor_needed'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'unavailable'
  | 'internal';

/** HTTP status by code: the only such table. */
export const httpStatus: Record<ErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  factor_needed: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};

/** `message` may be shown to whoever asked; `detail` is only logged. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** Seconds after which another try makes sense. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { detail?: string; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** RFC 9457 problem details of an error; anything that is not an AppError tells nothing of itself. */
export function problemOf(error: unknown, requestId: string) {
  const known =
    error instanceof AppError
      ? error
      : new AppError(
          'internal',
          'Something failed here. Try again, and quote the request id if it stays.',
        );
  return {
    status: httpStatus[known.code],
    retryAfterSeconds: known.retryAfterSeconds,
    body: {
      type: 'about:blank',
      title: known.message,
      status: httpStatus[known.code],
      code: known.code,
      request_id: requestId,
    },
  };
}
