import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * LeaveGroup Request (0-2) => group_id member_id
 *                      (3) => group_id [members]
 *   group_id => STRING
 *   members => member_id group_instance_id
 *     member_id => STRING
 *     group_instance_id => NULLABLE_STRING
 *
 * LeaveGroup Response (0-3) => throttle_time_ms(1+) error_code [members](3)
 *   throttle_time_ms => INT32
 *   error_code => INT16                       before 3: the member's own
 *   members => member_id group_instance_id error_code
 *     member_id => STRING
 *     group_instance_id => NULLABLE_STRING
 *     error_code => INT16
 */
export const leaveGroup = defineMessage({
  apiKey: 13,
  name: 'LeaveGroup',
  minVersion: 0,
  maxVersion: 3,
  read: (reader, version) => {
    const groupId = reader.string();
    if (version < 3) return { groupId, members: [{ memberId: reader.string(), instanceId: null }] };
    return { groupId, members: reader.array(() => ({ memberId: reader.string(), instanceId: reader.nullableString() })) };
  },
  handle: ({ groupId, members }, { broker }) => members.map((member) => ({ ...member, error: broker.groups.leave(groupId, member.memberId) })),
  write: (writer, members, version) => {
    if (version >= 1) writer.int32(0);
    if (version < 3) writer.int16(members[0]?.error ?? kafkaError.NONE);
    else writer.int16(kafkaError.NONE).array(members, ({ memberId, instanceId, error }) => writer.string(memberId).string(instanceId).int16(error));
  },
});
