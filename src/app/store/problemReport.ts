// The text behind "Copy report": what failed and with what, without pictures and without any name from the person's folder.

import type { EventLog } from './eventLog.ts';
import { lastOf } from './eventLog.ts';
import type { Problem } from './problems.ts';
import type { StudioState } from './studio.ts';

/** Takes every file, class and folder name of the data set out of a sentence. */
export function withoutNames(sentence: string, studio: Pick<StudioState, 'dataset' | 'files'>): string {
  const { dataset, files } = studio;
  const paths = [...files.keys(), ...(dataset?.setAside.map((file) => file.path) ?? [])];
  const fileNames = paths.flatMap((path) => [path, path.slice(path.lastIndexOf('/') + 1)]);
  const names = [...fileNames, ...(dataset ? [dataset.name, ...dataset.classes] : [])]
    .filter((name) => name !== '' && sentence.includes(name))
    .sort((a, b) => b.length - a.length);
  return names.reduce((text, name) => text.replaceAll(name, '[name]'), sentence).replace(/“[^”]*”/g, '“[name]”');
}

export function describeForReport(problem: Problem, studio: StudioState, log: EventLog, userAgent: string): string {
  const { backend, dataset } = studio;
  const run = lastOf(log.stepRuns);
  return [
    `Windowbox problem: ${problem.code}${problem.stepId ? ` in ${problem.stepId}` : ''}`,
    withoutNames(problem.sentence, studio),
    `Backend: ${backend ? `${backend.backend}, ${backend.adapter}` : 'none'}`,
    `Browser: ${userAgent}`,
    dataset
      ? `Data: ${dataset.pictures.length} pictures, ${dataset.classes.length} classes, ${dataset.layout}`
      : 'Data: none',
    run
      ? `Last step: ${run.stepId}, seed ${run.started.seed}, ${JSON.stringify(run.started.settings)}`
      : 'Last step: none',
    `Last events: ${log.events
      .slice(-12)
      .map((event) => event.type)
      .join(', ')}`,
  ].join('\n');
}
