/** `1 job`, `2 jobs`: a number and its noun. @param many where it is not `one` and an s */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
