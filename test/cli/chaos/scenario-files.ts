import { tempFolder, type TempFolder } from '../../helpers/temp-folder.ts';

/** A valid scenario; `rest` is more YAML. */
export function scenarioText(name: string, rest = ''): string {
  return `name: ${name}\ndescription: For a test of ${name}.\ntags: [${name.split('-')[0]}, all]\nworkload: { jobs: 2 }\nfaults:\n  - { type: down, target: redis, at: 1s, for: 2s }\n${rest}`;
}

/** A current folder with `scenarios/<name>.yaml` for each. */
export function scenarioFolder(names: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<TempFolder> {
  return tempFolder({ ...Object.fromEntries(names.map((name) => [`scenarios/${name}.yaml`, scenarioText(name)])), ...files });
}
