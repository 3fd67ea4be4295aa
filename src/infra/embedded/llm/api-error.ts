/** What an OpenAI-compatible API says when it refuses: HTTP status and the members of its `error` object. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly parameter: string | null;
  readonly code: string | null;

  constructor(status: number, type: string, message: string, options: { parameter?: string; code?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.status = status;
    this.type = type;
    this.parameter = options.parameter ?? null;
    this.code = options.code ?? null;
  }

  toBody(): string {
    return JSON.stringify({ error: { message: this.message, type: this.type, param: this.parameter, code: this.code } });
  }
}

export function invalidRequest(message: string, parameter?: string, code?: string): ApiError {
  return new ApiError(400, 'invalid_request_error', message, {
    ...(parameter === undefined ? {} : { parameter }),
    ...(code === undefined ? {} : { code }),
  });
}

export function unknownModel(model: string, known: string): ApiError {
  return new ApiError(404, 'invalid_request_error', `The model '${model}' does not exist; this server has '${known}'.`, {
    parameter: 'model',
    code: 'model_not_found',
  });
}
