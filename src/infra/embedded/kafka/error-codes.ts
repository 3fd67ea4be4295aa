import { NetraError, defineErrorCodes, type NetraErrorOptions } from '../../../core/errors.ts';

export const kafkaBrokerErrorCodes = defineErrorCodes({
  KAFKA_MALFORMED_REQUEST: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'A client sent the embedded Kafka broker bytes that are no request it can read; that connection was closed.',
    remedy: 'Check what connects to the port: a client of another protocol, or one newer than the versions that ApiVersions lists.',
  },
});

/** Bytes that are no request; the connection they came by is closed, and nothing else. */
export class MalformedRequest extends NetraError {
  constructor(message: string, options?: NetraErrorOptions) {
    super('KAFKA_MALFORMED_REQUEST', kafkaBrokerErrorCodes.KAFKA_MALFORMED_REQUEST, message, options);
  }
}
