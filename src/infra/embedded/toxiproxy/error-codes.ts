import { defineErrorCodes, NetraError } from '../../../core/errors.ts';

export const toxiproxyErrorCodes = defineErrorCodes({
  TOXIPROXY_REQUEST_REFUSED: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'The embedded Toxiproxy refused an API request; the message is what Toxiproxy itself would have answered.',
    remedy: 'Mend the request. GET /proxies shows which proxies and toxics there are.',
  },
});

/** An answer of the API other than success: Toxiproxy's own text and the HTTP status it goes with. */
export class ApiError extends NetraError {
  readonly status: number;

  constructor(message: string, status: number, cause?: unknown) {
    super('TOXIPROXY_REQUEST_REFUSED', toxiproxyErrorCodes.TOXIPROXY_REQUEST_REFUSED, message, { cause, context: { status } });
    this.status = status;
  }
}

export const badRequestBody = (why: string): ApiError => new ApiError(`bad request body: ${why}`, 400);
export const missingField = (what: string): ApiError => new ApiError(`missing required field: ${what}`, 400);
export const proxyNotFound = (): ApiError => new ApiError('proxy not found', 404);
export const proxyAlreadyExists = (): ApiError => new ApiError('proxy already exists', 409);
export const invalidStream = (): ApiError => new ApiError('stream was invalid, can be either upstream or downstream', 400);
export const invalidToxicType = (): ApiError => new ApiError('invalid toxic type', 400);
export const toxicAlreadyExists = (): ApiError => new ApiError('toxic already exists', 409);
export const toxicNotFound = (): ApiError => new ApiError('toxic not found', 404);
