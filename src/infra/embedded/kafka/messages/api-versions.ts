import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage, type ApiRange } from '../protocol/message.ts';
import type { Writer } from '../protocol/writer.ts';

export const API_VERSIONS_KEY = 18;

/**
 * ApiVersions Request (0-2) => (nothing)
 *
 * ApiVersions Response (0) => error_code [api_keys]
 *                      (1) => error_code [api_keys] throttle_time_ms
 *   error_code => INT16
 *   api_keys => api_key min_version max_version
 *     api_key => INT16
 *     min_version => INT16
 *     max_version => INT16
 *   throttle_time_ms => INT32
 */
export const apiVersions = defineMessage({
  apiKey: API_VERSIONS_KEY,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 2,
  read: () => undefined,
  handle: (_request, { broker }) => broker.apis,
  write: (writer, apis, version) => {
    writeApis(writer, kafkaError.NONE, apis);
    if (version >= 1) writer.int32(0);
  },
});

/** The answer to a version of this message that is newer than the broker: in version 0, which every client can read. */
export function writeUnsupportedApiVersions(writer: Writer, apis: readonly ApiRange[]): void {
  writeApis(writer, kafkaError.UNSUPPORTED_VERSION, apis);
}

function writeApis(writer: Writer, error: KafkaErrorCode, apis: readonly ApiRange[]): void {
  writer.int16(error).array(apis, ({ apiKey, minVersion, maxVersion }) => writer.int16(apiKey).int16(minVersion).int16(maxVersion));
}
