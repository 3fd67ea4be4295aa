import { z } from 'zod';
import { refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const titles = { 200: 'Sign in', 502: '502 Bad Gateway', 503: '503 Service Temporarily Unavailable', 504: '504 Gateway Time-out' } as const;

/** What stands between answers instead of the API: a page or nothing, and with 200 a page that wants somebody to sign in. */
export const proxyPage = defineLlmFault({
  type: 'proxy-page',
  summary: 'A proxy answers with its own HTML page, or with nothing',
  parameters: z.strictObject({
    status: z.literal([200, 502, 503, 504]).default(502).describe('HTTP status'),
    body: z.enum(['html', 'empty']).default('html').describe('What comes with it'),
  }),
  install:
    ({ status, body }) =>
    (call) =>
      refuse(call, { status, body: body === 'empty' ? '' : `<html>\r\n<head><title>${titles[status]}</title></head>\r\n<body><center><h1>${titles[status]}</h1></center></body>\r\n</html>\r\n` }),
});
