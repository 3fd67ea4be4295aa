import type { Redis } from 'ioredis';
import { defineScript, runScript, type RedisScript } from '../../connectors/redis/redis-script.ts';

/*
 * Neither Lua nor MULTI rolls back: each script reads and checks everything first and writes last, and
 * no command after the first write can fail (a key of a wrong type fails at the first read).
 * Numbers come back as text, since Redis cuts fractions and signs off Lua numbers.
 *
 * Progress hash, in Redis' compact encoding as long as no value exceeds 64 bytes: fencing_token, nonce, claimed_at
 * (ms), completed_sections (comma-separated), in_progress, total_sections, last_update (ms), section:<name>
 * (when it was saved in ms, a blank, the version of its blob if it has one), closed ('1' after cleanup: what
 * remains is the fence, so that a writer that comes back later is still refused).
 */

/** The scripts of a store: with the fence (C08), or without it, where the last write counts. */
export interface CheckpointScripts {
  readonly claim: RedisScript;
  readonly commit: RedisScript;
  readonly remove: RedisScript;
}

/** @param more further fields to read with it: `held[6]` onwards */
const fence = (fencing: boolean, more = ''): string => `
local held = redis.call('HMGET', KEYS[1], 'fencing_token', 'nonce', 'completed_sections', 'closed', 'claimed_at'${more})
local heldToken = tonumber(held[1] or '0') or 0
local token = tonumber(ARGV[1])
local stale = ${fencing ? "heldToken > token or (heldToken == token and (held[2] ~= ARGV[2] or held[4] == '1'))" : 'false'}
`;

/**
 * KEYS progress · ARGV minimum token, nonce, ttl ms, now ms, total sections, attempt began at ms or ''
 * Output: {'claimed', token, completed sections} | {'stale', token held}
 *
 * The token is above every earlier one and above the minimum. The same nonce again (a reply that got
 * lost) gets the token that it already has. An attempt that could not reach Redis when it began says
 * when that was: a claim made since then is its successor's, and it has lost the run; any other it takes over.
 */
const claimScript = (fencing: boolean): RedisScript => defineScript(`
local held = redis.call('HMGET', KEYS[1], 'fencing_token', 'nonce', 'claimed_at', 'completed_sections')
local heldToken = tonumber(held[1] or '0') or 0
local token = heldToken
if held[2] ~= ARGV[2] then
  local minimum = tonumber(ARGV[1])
  if ${fencing} and ARGV[6] ~= '' and heldToken > minimum and (tonumber(held[3] or '0') or 0) > tonumber(ARGV[6]) then return {'stale', held[1]} end
  token = math.max(heldToken, minimum) + 1
end
local text = string.format('%.0f', token)
redis.call('HDEL', KEYS[1], 'closed')
redis.call('HSET', KEYS[1], 'fencing_token', text, 'nonce', ARGV[2], 'claimed_at', ARGV[4], 'last_update', ARGV[4], 'total_sections', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'claimed', text, held[4] or ''}
`);

/**
 * KEYS progress, section[, blob]
 * ARGV token, nonce, section name, record or pointer, ttl ms, now ms, total sections, section in progress, saved at ms, blob version or ''
 * Output: {'saved', completed sections} | {'stale', token held} | {'blob_missing', ''}
 *
 * A higher token than the one held takes over: where Redis has been emptied, its holder becomes the
 * holder again with its next write. The same write again changes nothing but the time to live. The
 * blob of a refused writer is its own, and goes with it.
 */
const commitScript = (fencing: boolean): RedisScript => defineScript(`${fence(fencing, ", 'section:' .. ARGV[3]")}
if stale then
  if KEYS[3] then redis.call('UNLINK', KEYS[3]) end
  return {'stale', held[1]}
end
if KEYS[3] and redis.call('EXISTS', KEYS[3]) == 0 then return {'blob_missing', ''} end
local completed = held[3] or ''
if not string.find(',' .. completed .. ',', ',' .. ARGV[3] .. ',', 1, true) then
  if completed == '' then completed = ARGV[3] else completed = completed .. ',' .. ARGV[3] end
end
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
if heldToken < token then
  redis.call('HSET', KEYS[1], 'fencing_token', ARGV[1], 'nonce', ARGV[2], 'total_sections', ARGV[7])
  redis.call('HDEL', KEYS[1], 'closed')
end
redis.call('HSET', KEYS[1], 'completed_sections', completed, 'in_progress', ARGV[8], 'last_update', ARGV[6], 'section:' .. ARGV[3], ARGV[9] .. ' ' .. ARGV[10])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
local oldVersion = held[6] and string.match(held[6], ' (.+)$')
if oldVersion and oldVersion ~= ARGV[10] then redis.call('UNLINK', KEYS[2] .. ':blob:' .. oldVersion) end
return {'saved', completed}
`);

/**
 * KEYS progress, section… · ARGV token, nonce, ttl ms, now ms, close ('1' or '0'), section name…
 * Output: {'removed', completed sections left} | {'stale', token held}
 *
 * Takes sections out of the run. Closing leaves the fence alone in the progress record. Blobs are
 * named after their section's key: same hash tag, so the same slot as the declared keys. A run that this attempt has
 * closed already (a reply that got lost) is closed.
 */
const removeScript = (fencing: boolean): RedisScript => defineScript(`${fence(fencing)}
if ARGV[5] == '1' and heldToken == token and held[2] == ARGV[2] and held[4] == '1' then return {'removed', ''} end
if stale then return {'stale', held[1]} end
local left = ',' .. (held[3] or '') .. ','
for index = 6, #ARGV do
  local entry = redis.call('HGET', KEYS[1], 'section:' .. ARGV[index])
  local version = entry and string.match(entry, ' (.+)$')
  if version then redis.call('UNLINK', KEYS[index - 4] .. ':blob:' .. version) end
  redis.call('HDEL', KEYS[1], 'section:' .. ARGV[index])
  redis.call('UNLINK', KEYS[index - 4])
  local from, to = string.find(left, ',' .. ARGV[index] .. ',', 1, true)
  if from then left = string.sub(left, 1, from) .. string.sub(left, to + 1) end
end
left = string.gsub((string.gsub(left, '^,+', '')), ',+$', '')
if ARGV[5] == '1' then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'fencing_token', ARGV[1], 'nonce', ARGV[2], 'closed', '1', 'claimed_at', held[5] or ARGV[4], 'last_update', ARGV[4])
else
  redis.call('HSET', KEYS[1], 'fencing_token', ARGV[1], 'nonce', ARGV[2], 'completed_sections', left, 'last_update', ARGV[4])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'removed', left}
`);

const scriptsWith = (fencing: boolean): CheckpointScripts => Object.freeze({ claim: claimScript(fencing), commit: commitScript(fencing), remove: removeScript(fencing) });

export const fencedScripts = scriptsWith(true);
export const unfencedScripts = scriptsWith(false);

/**
 * Runs `script` behind the commands that `before` sends, in one batch of bytes: what it commits is there by
 * the time it looks. Corked by hand, since a pipeline copies every payload twice (at 200 KB a third of the whole).
 */
export async function runScriptAfter(client: Redis, before: () => Promise<unknown>, script: RedisScript, keys: readonly string[], argv: readonly (string | number)[]): Promise<unknown> {
  const line: Partial<Pick<Redis['stream'], 'cork' | 'uncork'>> | undefined = client.stream;
  line?.cork?.();
  let sent: readonly [Promise<unknown>, Promise<unknown>];
  try {
    sent = [before(), runScript(client, script, keys, argv)];
  } finally {
    line?.uncork?.();
  }
  const [, reply] = await Promise.all(sent);
  return reply;
}
