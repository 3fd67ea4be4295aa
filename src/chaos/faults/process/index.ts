import type { FaultDefinition } from '../fault.ts';
import { kill } from './kill.ts';
import { pause } from './pause.ts';
import { restart } from './restart.ts';
import { rollingRestart } from './rolling-restart.ts';
import { startLate } from './start-late.ts';

export const processFaults: readonly FaultDefinition[] = [kill, pause, restart, rollingRestart, startLate];
