import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * ListGroups Request (0-2) => (nothing)
 *
 * ListGroups Response (0-2) => throttle_time_ms(1+) error_code [groups]
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   groups => group_id protocol_type
 *     group_id, protocol_type => STRING
 */
export const listGroups = defineMessage({
  apiKey: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 2,
  read: () => undefined,
  handle: (_request, { broker }) => broker.groups.list(),
  write: (writer, groups, version) => {
    if (version >= 1) writer.int32(0);
    writer.int16(kafkaError.NONE).array(groups, ({ groupId, protocolType }) => writer.string(groupId).string(protocolType));
  },
});
