import { Command, CommanderError, Option } from 'commander';
import { nearest, type Problem } from '../core/problems.ts';
import type { CommandInput, CommandSpec, OptionSpec } from './command.ts';
import { UsageError } from './error-codes.ts';
import { wrongWords } from './wrong-words.ts';

export type Parsed = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'command'; readonly spec: CommandSpec; readonly input: CommandInput };

const programName = 'netra-resilience';
const globalFlags = ['--help', '--version'];

/**
 * Reads the command line. Help and version come back as text. What is wrong with a command's words
 * comes back in its input, so that the command can tell it together with what it finds itself;
 * UsageError is thrown only where no command can be made out.
 */
export function parseCommandLine(specs: readonly CommandSpec[], argv: readonly string[], version: string): Parsed {
  let output = '';
  let parsed: Parsed | undefined;
  const program = new Command(programName);
  const collect = { writeOut: (text: string) => void (output += text), writeErr: (text: string) => void (output += text) };
  program
    .description('Runs a fleet of agents on one machine, breaks what they depend on, and judges what came of it.')
    .version(version, '-v, --version', 'shows the version')
    .helpOption('-h, --help', 'shows this help')
    .helpCommand('help [command]', 'shows the help of a command')
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .exitOverride()
    .configureOutput(collect);
  for (const spec of specs) {
    const command = program.command(spec.name, { hidden: spec.hidden === true });
    command
      .description(spec.summary)
      .helpOption('-h, --help', 'shows this help')
      .exitOverride()
      .configureOutput(collect)
      .allowUnknownOption()
      .allowExcessArguments()
      .usage([...(spec.options.length === 0 ? [] : ['[options]']), ...(spec.arguments === undefined ? [] : [spec.arguments])].join(' '));
    for (const option of spec.options) command.addOption(toOption(option));
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  $ ${example}`).join('\n')}`);
    command.action(() => {
      const options = command.opts<CommandInput['options']>();
      parsed = { kind: 'command', spec, input: { positionals: command.args, options, problems: wrongWords(spec, command.args, options) } };
    });
  }
  const [first, second] = argv;
  if (first === 'help' && second !== undefined && !specs.some((spec) => spec.name === second)) throw new UsageError([unknownCommand(second, specs)]);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (['commander.helpDisplayed', 'commander.version', 'commander.help'].includes(error.code)) return { kind: 'text', text: output };
    throw new UsageError([explain(error, specs, argv)]);
  }
  return parsed ?? { kind: 'text', text: output };
}

/**
 * Commander would stop at the first flag that lacks its value; made optional, it lets it pass and `wrongWords` tells
 * of it. It would also turn `--no-tui` into an option `tui` that is there without having been given.
 */
function toOption({ flags, description, defaultText }: OptionSpec): Option {
  const option = new Option(flags, defaultText === undefined ? description : `${description} (default: ${defaultText})`);
  option.optional ||= option.required;
  option.required = false;
  option.negate = false;
  return option;
}

function explain(error: CommanderError, specs: readonly CommandSpec[], argv: readonly string[]): Problem {
  const typed = argv.find((word) => (error.code === 'commander.unknownOption') === word.startsWith('-')) ?? argv.join(' ');
  if (error.code === 'commander.unknownCommand') return unknownCommand(typed, specs);
  if (error.code === 'commander.unknownOption') {
    const flag = typed.split('=')[0] as string;
    const owner = specs.find((spec) => spec.hidden !== true && spec.options.some((option) => option.flags.split(' ')[0] === flag));
    const near = nearest(flag, globalFlags);
    const fix = owner !== undefined ? `write it behind its command: \`${programName} ${owner.name} ${argv.filter((word) => word !== owner.name).join(' ')}\`` : near === undefined ? `\`${programName} --help\` lists the commands` : `did you mean ${near}?`;
    return { where: typed, what: 'stands before any command', fix };
  }
  return { where: argv.join(' '), what: error.message.replace(/^error: /, ''), fix: `\`${programName} --help\` lists what there is` };
}

function unknownCommand(typed: string, specs: readonly CommandSpec[]): Problem {
  const near = nearest(
    typed,
    specs.filter((spec) => spec.hidden !== true).map((spec) => spec.name),
  );
  return { where: typed, what: 'is no command', fix: near === undefined ? `\`${programName} --help\` lists the commands` : `did you mean ${near}?` };
}
