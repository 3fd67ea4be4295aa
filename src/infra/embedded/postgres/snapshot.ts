import { crc32 } from 'node:zlib';

/**
 * A data directory in one buffer:
 *
 *     "NETRAPG1"  CRC-32 of all that follows (u32 LE)  index length (u32 LE)  index (JSON)  contents
 *
 * The index lists folders, parents first, and files as [path, size] in the order of their contents.
 */
export interface Snapshot {
  readonly folders: readonly string[];
  readonly files: readonly (readonly [path: string, contents: Uint8Array])[];
}

const MAGIC = Buffer.from('NETRAPG1');
const HEADER_BYTES = MAGIC.length + 8;

interface Index {
  readonly folders: readonly string[];
  readonly files: readonly (readonly [path: string, size: number])[];
}

export function encodeSnapshot({ folders, files }: Snapshot): Buffer {
  const index: Index = { folders, files: files.map(([path, contents]) => [path, contents.length]) };
  const indexBytes = Buffer.from(JSON.stringify(index));
  const snapshot = Buffer.concat([MAGIC, Buffer.alloc(8), indexBytes, ...files.map(([, contents]) => contents)]);
  snapshot.writeUInt32LE(indexBytes.length, MAGIC.length + 4);
  snapshot.writeUInt32LE(checksum(snapshot), MAGIC.length);
  return snapshot;
}

/** The contents are views of `bytes`, not copies. Throws where anything does not fit. */
export function decodeSnapshot(bytes: Buffer): Snapshot {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a database snapshot');
  if (checksum(bytes) !== bytes.readUInt32LE(MAGIC.length)) throw new Error('its checksum does not fit');
  const indexEnd = HEADER_BYTES + bytes.readUInt32LE(MAGIC.length + 4);
  const index = JSON.parse(bytes.subarray(HEADER_BYTES, indexEnd).toString('utf8')) as Index;
  let offset = indexEnd;
  const files = index.files.map(([path, size]) => {
    const contents = bytes.subarray(offset, offset + size);
    offset += size;
    return [path, contents] as const;
  });
  if (offset !== bytes.length) throw new Error('its length does not fit');
  return { folders: index.folders, files };
}

function checksum(snapshot: Buffer): number {
  return crc32(snapshot.subarray(MAGIC.length + 4));
}
