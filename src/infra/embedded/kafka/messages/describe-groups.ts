import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * DescribeGroups Request (0-2) => [group_ids]
 *   group_ids => STRING
 *
 * DescribeGroups Response (0-2) => throttle_time_ms(1+) [groups]
 *   throttle_time_ms => INT32
 *   groups => error_code group_id state protocol_type protocol [members]
 *     error_code => INT16
 *     group_id, state, protocol_type, protocol => STRING
 *     members => member_id client_id client_host metadata assignment
 *       member_id, client_id, client_host => STRING
 *       metadata, assignment => BYTES
 */
export const describeGroups = defineMessage({
  apiKey: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 2,
  read: (reader) => reader.array((element) => element.string()),
  handle: (groupIds, { broker }) => groupIds.map((groupId) => ({ groupId, ...broker.groups.describe(groupId) })),
  write: (writer, groups, version) => {
    if (version >= 1) writer.int32(0);
    writer.array(groups, ({ groupId, state, protocolType, protocol, members }) => {
      writer.int16(kafkaError.NONE).string(groupId).string(state).string(protocolType).string(protocol);
      writer.array(members, ({ memberId, clientId, clientHost, metadata, assignment }) => {
        writer.string(memberId).string(clientId).string(clientHost).bytes(metadata).bytes(assignment);
      });
    });
  },
});
