import { nearest, type Problem } from '../core/problems.ts';
import type { CommandInput, CommandSpec } from './command.ts';

/**
 * What is wrong with the words of a command: unknown flags, flags without their value, switches with
 * one, arguments too many or too few. What the values mean is the command's own matter.
 */
export function wrongWords(spec: CommandSpec, words: readonly string[], options: CommandInput['options']): Problem[] {
  const flags = spec.options.map(({ flags: text }) => ({ flag: text.split(' ')[0] as string, takesValue: text.includes('<') }));
  const known = flags.map(({ flag }) => flag);
  const parameters = spec.arguments?.split(' ') ?? [];
  const unknown = words.filter((word) => word.startsWith('-') && word !== '-');
  const positionals = words.filter((word) => !unknown.includes(word));
  return [
    ...unknown.map((word) => unknownFlag(spec, word, known)),
    ...flags.filter(({ flag, takesValue }) => takesValue && options[camelCase(flag)] === true).map(({ flag }) => ({ where: flag, what: 'needs a value', fix: `write ${flag}=<value>` })),
    // The value that was meant for an unknown flag stands behind it as if it were an argument.
    ...(unknown.length > 0 || parameters.at(-1)?.includes('...') === true ? [] : positionals.slice(parameters.length)).map((word) => ({
      where: word,
      what: parameters.length === 0 ? `${spec.name} takes no arguments` : `${spec.name} takes no more than ${spec.arguments}`,
      fix: 'leave it out',
    })),
    ...parameters
      .slice(positionals.length)
      .filter((parameter) => parameter.startsWith('<'))
      .map((parameter) => ({ where: spec.name, what: `needs ${parameter}`, fix: `for example \`${spec.examples[0]}\`` })),
  ];
}

function unknownFlag(spec: CommandSpec, word: string, known: readonly string[]): Problem {
  const flag = word.split('=')[0] as string;
  if (known.includes(flag)) return { where: word, what: `${flag} is a switch and takes no value`, fix: `write ${flag}, or leave it out` };
  const near = nearest(flag, known);
  return { where: word, what: `${spec.name} has no such flag`, fix: near === undefined ? `\`netra-resilience ${spec.name} --help\` lists its flags` : `did you mean ${near}?` };
}

/** `--jobs-file` → `jobsFile`, as commander names it. */
function camelCase(flag: string): string {
  return flag.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
