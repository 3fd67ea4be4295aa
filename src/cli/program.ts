import { Command, CommanderError, Option } from 'commander';
import { nearest, type Problem } from '../core/problems.ts';
import type { CommandInput, CommandSpec } from './command.ts';
import { UsageError } from './error-codes.ts';

export type Parsed = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'command'; readonly spec: CommandSpec; readonly input: CommandInput };

/**
 * Reads the command line. Help and version come back as text. Throws UsageError with everything that
 * is wrong with the words themselves; what their values mean is each command's own matter.
 */
export function parseCommandLine(specs: readonly CommandSpec[], argv: readonly string[], version: string): Parsed {
  let output = '';
  let parsed: Parsed | undefined;
  const program = new Command('netra-resilience');
  const collect = { writeOut: (text: string) => void (output += text), writeErr: (text: string) => void (output += text) };
  program
    .description('Runs a fleet of agents on one machine, breaks what they depend on, and judges what came of it.')
    .version(version, '-v, --version')
    .exitOverride()
    .configureOutput(collect)
    .showHelpAfterError(false);
  for (const spec of specs) {
    const command = program.command(`${spec.name}${spec.arguments === undefined ? '' : ` ${spec.arguments}`}`, { hidden: spec.hidden === true });
    command.description(spec.summary).exitOverride().configureOutput(collect).allowUnknownOption().allowExcessArguments();
    for (const option of spec.options) {
      command.addOption(new Option(option.flags, option.defaultText === undefined ? option.description : `${option.description} (default: ${option.defaultText})`));
    }
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  $ ${example}`).join('\n')}`);
    command.action(() => {
      const problems = wrongWords(spec, command);
      if (problems.length > 0) throw new UsageError(problems);
      parsed = { kind: 'command', spec, input: { positionals: command.args, options: command.opts<CommandInput['options']>() } };
    });
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (['commander.helpDisplayed', 'commander.version', 'commander.help'].includes(error.code)) return { kind: 'text', text: output };
    throw new UsageError([explain(error, specs, argv)]);
  }
  return parsed ?? { kind: 'text', text: output };
}

/** Commander stops at the first unknown word; it is made to let them all pass, and they are told together. */
function wrongWords(spec: CommandSpec, command: Command): Problem[] {
  const known = command.options.flatMap((option) => (option.long === undefined || option.long === null ? [] : [option.long]));
  const expected = spec.arguments?.split(' ').length ?? 0;
  const unknown = command.args.filter((word) => word.startsWith('-') && word !== '-');
  // The value that was meant for an unknown flag stands behind it as if it were an argument.
  const excess = unknown.length > 0 ? [] : command.args.slice(expected);
  return [
    ...unknown.map((word) => {
      const near = nearest(word.split('=')[0] as string, known);
      return { where: word, what: `${spec.name} has no such flag`, fix: near === undefined ? `\`netra-resilience ${spec.name} --help\` lists its flags` : `did you mean ${near}?` };
    }),
    ...excess.map((word) => ({ where: word, what: `${spec.name} takes ${expected === 0 ? 'no arguments' : `at most ${expected}`}`, fix: 'leave it out' })),
  ];
}

function explain(error: CommanderError, specs: readonly CommandSpec[], argv: readonly string[]): Problem {
  if (error.code === 'commander.unknownCommand') {
    const typed = argv.find((word) => !word.startsWith('-')) ?? '';
    const near = nearest(typed, specs.filter((spec) => spec.hidden !== true).map((spec) => spec.name));
    return { where: typed, what: 'is no command', fix: near === undefined ? '`netra-resilience --help` lists the commands' : `did you mean ${near}?` };
  }
  return { where: argv.join(' '), what: error.message.replace(/^error: /, ''), fix: '`netra-resilience --help` lists what there is' };
}
