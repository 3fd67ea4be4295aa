import { NODE_ID } from '../broker-state.ts';
import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

const GROUP = 0;
const NOBODY = { nodeId: -1, host: '', port: -1 };

/**
 * FindCoordinator Request (0) => coordinator_key
 *                       (1-2) => coordinator_key coordinator_type
 *   coordinator_key => STRING
 *   coordinator_type => INT8                  0: group, 1: transaction
 *
 * FindCoordinator Response => throttle_time_ms(1+) error_code error_message(1+) node_id host port
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   error_message => NULLABLE_STRING
 *   node_id => INT32
 *   host => STRING
 *   port => INT32
 */
export const findCoordinator = defineMessage({
  apiKey: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 2,
  read: (reader, version) => {
    reader.string();
    return version >= 1 ? reader.int8() : GROUP;
  },
  handle: (type, { advertised }) => {
    if (type !== GROUP) return { error: kafkaError.INVALID_REQUEST, message: 'this broker has no transactions', coordinator: NOBODY };
    return { error: kafkaError.NONE, message: null, coordinator: { nodeId: NODE_ID, ...advertised } };
  },
  write: (writer, { error, message, coordinator }, version) => {
    if (version >= 1) writer.int32(0);
    writer.int16(error);
    if (version >= 1) writer.string(message);
    writer.int32(coordinator.nodeId).string(coordinator.host).int32(coordinator.port);
  },
});
