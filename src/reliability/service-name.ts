/** `redis.get` → `redis`: the part of a call's name before the first `.`, `:` or `/`. */
export function serviceOf(name: string): string {
  const end = name.search(/[.:/]/);
  return end <= 0 ? name : name.slice(0, end);
}
