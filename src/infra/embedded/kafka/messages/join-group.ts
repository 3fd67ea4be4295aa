import type { JoinResult } from '../groups/group-member.ts';
import { defineMessage } from '../protocol/message.ts';

/** KIP-394: from this version on a newcomer is given its id before it joins. */
const FIRST_VERSION_WITH_MEMBER_ID_REQUIRED = 4;

/**
 * JoinGroup Request (2-5) => group_id session_timeout_ms rebalance_timeout_ms member_id group_instance_id(5) protocol_type [protocols]
 *   group_id => STRING
 *   session_timeout_ms, rebalance_timeout_ms => INT32
 *   member_id => STRING                       empty: a newcomer
 *   group_instance_id => NULLABLE_STRING      static membership: not kept here, such a member is like any other
 *   protocol_type => STRING
 *   protocols => name metadata
 *     name => STRING
 *     metadata => BYTES
 *
 * JoinGroup Response (2-5) => throttle_time_ms error_code generation_id protocol_name leader member_id [members]
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   generation_id => INT32
 *   protocol_name, leader, member_id => STRING
 *   members => member_id group_instance_id(5) metadata      for the leader only
 *     member_id => STRING
 *     group_instance_id => NULLABLE_STRING
 *     metadata => BYTES
 */
export const joinGroup = defineMessage({
  apiKey: 11,
  name: 'JoinGroup',
  minVersion: 2,
  maxVersion: 5,
  read: (reader, version) => {
    const groupId = reader.string();
    const sessionTimeoutMs = reader.int32();
    const rebalanceTimeoutMs = reader.int32();
    const memberId = reader.string();
    if (version >= 5) reader.nullableString();
    const protocolType = reader.string();
    const protocols = reader.array(() => ({ name: reader.string(), metadata: reader.bytes() }));
    return { groupId, join: { memberId, sessionTimeoutMs, rebalanceTimeoutMs: Math.max(1, rebalanceTimeoutMs), protocolType, protocols } };
  },
  handle: ({ groupId, join }, { broker, clientId, clientHost }, version): Promise<JoinResult> =>
    broker.groups.join(groupId, { ...join, clientId, clientHost, requireKnownMemberId: version >= FIRST_VERSION_WITH_MEMBER_ID_REQUIRED }),
  write: (writer, { error, generation, protocol, leaderId, memberId, members }, version) => {
    writer.int32(0).int16(error).int32(generation).string(protocol).string(leaderId).string(memberId);
    writer.array(members, (member) => {
      writer.string(member.memberId);
      if (version >= 5) writer.string(null);
      writer.bytes(member.metadata);
    });
  },
});
