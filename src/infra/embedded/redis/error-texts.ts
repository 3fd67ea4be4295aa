/** Error texts that more than one command family gives, word for word those of redis-server 7.0. */
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const SYNTAX_ERROR = 'ERR syntax error';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const NOT_A_FLOAT = 'ERR value is not a valid float';
export const NO_SUCH_KEY = 'ERR no such key';
export const OUT_OF_RANGE = 'ERR index out of range';
export const NOT_POSITIVE = 'ERR value is out of range, must be positive';
export const TOO_LARGE = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const NO_SCRIPT = 'NOSCRIPT No matching script. Please use EVAL.';

/** What the reference server's formatting sees of a client's text: up to the first NUL byte. */
export function cString(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`;
}

export function invalidExpireTime(name: string): string {
  return `ERR invalid expire time in '${name}' command`;
}
