import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * InitProducerId Request (0-1) => transactional_id transaction_timeout_ms
 *   transactional_id => NULLABLE_STRING
 *   transaction_timeout_ms => INT32
 *
 * InitProducerId Response (0-1) => throttle_time_ms error_code producer_id producer_epoch
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   producer_id => INT64
 *   producer_epoch => INT16
 */
export const initProducerId = defineMessage({
  apiKey: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 1,
  read: (reader) => {
    const transactionalId = reader.nullableString();
    reader.int32();
    return transactionalId;
  },
  handle: (transactionalId, { broker }) => {
    // Idempotence only: this broker has no transactions.
    if (transactionalId !== null) return { error: kafkaError.INVALID_REQUEST, producerId: -1, epoch: -1 };
    return { error: kafkaError.NONE, producerId: broker.nextProducerId(), epoch: 0 };
  },
  write: (writer, { error, producerId, epoch }) => {
    writer.int32(0).int16(error).int64(producerId).int16(epoch);
  },
});
