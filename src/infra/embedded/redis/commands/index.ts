import { clientCommands } from './client.ts';
import type { CommandSpec } from './command.ts';
import { configurationCommands } from './configuration.ts';
import { connectionCommands } from './connection.ts';
import { counterCommands } from './counters.ts';
import { expiryCommands } from './expiry.ts';
import { hashCommands } from './hashes.ts';
import { infoCommands } from './info.ts';
import { keyCommands } from './keys.ts';
import { listMoveCommands } from './list-moves.ts';
import { listCommands } from './lists.ts';
import { pubsubCommands } from './pubsub.ts';
import { scanCommands } from './scan.ts';
import { scriptingCommands } from './scripting.ts';
import { serverCommands } from './server.ts';
import { setCommands } from './sets.ts';
import { sortedSetRangeCommands } from './sorted-set-ranges.ts';
import { sortedSetCommands } from './sorted-sets.ts';
import { stringCommands } from './strings.ts';
import { transactionCommands } from './transactions.ts';

/** Every command by its lower-case name: one line a family. */
const FAMILIES: readonly (readonly CommandSpec[])[] = [
  connectionCommands,
  clientCommands,
  serverCommands,
  infoCommands,
  configurationCommands,
  keyCommands,
  expiryCommands,
  scanCommands,
  stringCommands,
  counterCommands,
  hashCommands,
  setCommands,
  listCommands,
  listMoveCommands,
  sortedSetCommands,
  sortedSetRangeCommands,
  transactionCommands,
  scriptingCommands,
  pubsubCommands,
];

export const commands: ReadonlyMap<string, CommandSpec> = new Map(FAMILIES.flat().map((spec) => [spec.name, spec]));
