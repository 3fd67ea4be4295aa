import { redisDifferential } from '../../../contract/redis-differential.ts';
import { referenceServerAbsent, startReferenceServer } from './reference-server.ts';

/* The embedded server gives the replies of 7.0, which is what the distribution has: no difference is known. */
redisDifferential('the distribution’s redis-server', startReferenceServer, { skip: referenceServerAbsent() });
