import { defineMessage } from '../protocol/message.ts';

/**
 * DeleteGroups Request (0-1) => [group_ids]
 *   group_ids => STRING
 *
 * DeleteGroups Response (0-1) => throttle_time_ms [groups]
 *   throttle_time_ms => INT32
 *   groups => group_id error_code
 *     group_id => STRING
 *     error_code => INT16
 */
export const deleteGroups = defineMessage({
  apiKey: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 1,
  read: (reader) => reader.array((element) => element.string()),
  handle: (groupIds, { broker }) => groupIds.map((groupId) => ({ groupId, error: broker.groups.delete(groupId) })),
  write: (writer, groups) => {
    writer.int32(0).array(groups, ({ groupId, error }) => writer.string(groupId).int16(error));
  },
});
