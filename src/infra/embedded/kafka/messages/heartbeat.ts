import { defineMessage } from '../protocol/message.ts';

/**
 * Heartbeat Request (0-3) => group_id generation_id member_id group_instance_id(3)
 *   group_id => STRING
 *   generation_id => INT32
 *   member_id => STRING
 *   group_instance_id => NULLABLE_STRING
 *
 * Heartbeat Response (0-3) => throttle_time_ms(1+) error_code
 *   throttle_time_ms => INT32
 *   error_code => INT16
 */
export const heartbeat = defineMessage({
  apiKey: 12,
  name: 'Heartbeat',
  minVersion: 0,
  maxVersion: 3,
  read: (reader, version) => {
    const request = { groupId: reader.string(), generation: reader.int32(), memberId: reader.string() };
    if (version >= 3) reader.nullableString();
    return request;
  },
  handle: ({ groupId, generation, memberId }, { broker }) => broker.groups.heartbeat(groupId, memberId, generation),
  write: (writer, error, version) => {
    if (version >= 1) writer.int32(0);
    writer.int16(error);
  },
});
