import type { SyncResult } from '../groups/group-member.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * SyncGroup Request (0-3) => group_id generation_id member_id group_instance_id(3) [assignments]
 *   group_id => STRING
 *   generation_id => INT32
 *   member_id => STRING
 *   group_instance_id => NULLABLE_STRING
 *   assignments => member_id assignment       from the leader only
 *     member_id => STRING
 *     assignment => BYTES
 *
 * SyncGroup Response (0-3) => throttle_time_ms(1+) error_code assignment
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   assignment => BYTES
 */
export const syncGroup = defineMessage({
  apiKey: 14,
  name: 'SyncGroup',
  minVersion: 0,
  maxVersion: 3,
  read: (reader, version) => {
    const groupId = reader.string();
    const generation = reader.int32();
    const memberId = reader.string();
    if (version >= 3) reader.nullableString();
    const assignments = reader.array(() => ({ memberId: reader.string(), assignment: reader.bytes() }));
    return { groupId, sync: { memberId, generation, assignments } };
  },
  handle: ({ groupId, sync }, { broker }): Promise<SyncResult> => broker.groups.sync(groupId, sync),
  write: (writer, { error, assignment }, version) => {
    if (version >= 1) writer.int32(0);
    writer.int16(error).bytes(assignment);
  },
});
