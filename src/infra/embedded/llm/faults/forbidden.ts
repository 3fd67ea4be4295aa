import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 403, as for a country that the provider does not serve. */
export const forbidden = defineLlmFault({
  type: 'forbidden',
  summary: 'The provider does not serve this key, region or project (403)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 403, body: openAiError('permission_error', 'unsupported_country_region_territory', 'Country, region, or territory not supported.') }),
});
