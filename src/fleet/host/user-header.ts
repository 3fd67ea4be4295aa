import { AgentError } from '../agents/error-codes.ts';

/** For whom a request is made; percent-encoded, since user ids may hold what a header cannot. */
export const userHeader = 'x-netra-user-id';

export function decodeUser(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    throw new AgentError('REQUEST_INVALID', `the header ${userHeader} is not well encoded`, { cause: error });
  }
}
