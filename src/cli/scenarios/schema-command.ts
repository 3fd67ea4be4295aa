import { scenarioJsonSchema } from '../../chaos/scenario/scenario-schema.ts';
import { refuseWrongWords, type CommandHandler } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const run: CommandHandler = async (input, context) => {
  refuseWrongWords(input);
  context.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return exitCodes.pass;
};
