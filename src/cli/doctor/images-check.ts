import { fetchCommand } from '../../infra/providers/containers/choose.ts';
import { imageNames, imageOf, images } from '../../infra/providers/containers/images.ts';
import { surveyEngine, type EngineSurvey } from '../../infra/providers/containers/survey.ts';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** Which of the images that containers are made of the engine has. */
export async function imagesCheck(context: CommandContext): Promise<Finding> {
  const { environment } = context;
  const check = 'images';
  const survey = await surveyEngine(context).catch((): EngineSurvey | undefined => undefined); // The engine's own line says why.
  context.signal.throwIfAborted();
  if (survey === undefined) return { check, status: 'note', detail: 'not looked for: no container engine can be used' };
  const told = imageNames.map((name) => `${imageOf(name, environment)}${survey.missing.includes(name) ? ' (missing)' : ''}`).join(', ');
  if (survey.missing.length === 0) return { check, status: 'ok', detail: told };
  const variables = survey.missing.map((name) => images[name].variable).join(', ');
  return { check, status: 'note', detail: `${told}: ${fetchCommand(survey, environment)} fetches what is missing; ${variables} name${survey.missing.length === 1 ? 's another' : ' others'}` };
}
