/**
 * CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected: 0x82F63B78), as RFC 3720 §12.1 and Kafka's
 * record batches use it. `zlib.crc32` is the other polynomial. Four bytes a step ("slicing by 4",
 * Kounavis and Berry 2005).
 */
const POLYNOMIAL = 0x82f63b78;

const tables = buildTables();
const [table0, table1, table2, table3] = tables;

export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let index = 0;
  for (const end = bytes.length - 3; index < end; index += 4) {
    crc ^= (bytes[index] as number) | ((bytes[index + 1] as number) << 8) | ((bytes[index + 2] as number) << 16) | ((bytes[index + 3] as number) << 24);
    crc =
      (table3[crc & 0xff] as number) ^
      (table2[(crc >>> 8) & 0xff] as number) ^
      (table1[(crc >>> 16) & 0xff] as number) ^
      (table0[crc >>> 24] as number);
  }
  for (; index < bytes.length; index++) crc = (crc >>> 8) ^ (table0[(crc ^ (bytes[index] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

function buildTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  const shifted = (previous: Int32Array): Int32Array => previous.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  const second = shifted(first);
  const third = shifted(second);
  return [first, second, third, shifted(third)];
}
