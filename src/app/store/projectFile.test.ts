import { BlobReader, BlobWriter, configure, TextReader, TextWriter, ZipReader, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, test } from 'vitest';
import { smallRun } from '../testing/smallRun.ts';
import { tagRun } from '../testing/tagRun.ts';
import { isEngineEvent } from './checkRecording.ts';
import { type Project, readProject, writeProject } from './projectFile.ts';
import { withoutFileNames } from './runReport.ts';

configure({ useWebWorkers: false });

const project: Project = {
  run: smallRun,
  words: { name: 'first “try”', note: 'ü', recipeId: 'eight' },
  settings: { seed: 3, valuesByStep: { trainHead: { epochs: '4', isOn: true } } },
  model: new Blob([Uint8Array.from([1, 2, 3])]),
};

/** The project's files with some of them replaced or added, and those with null left out. */
async function zipWith(changes: Readonly<Record<string, string | null>>): Promise<Blob> {
  const reader = new ZipReader(new BlobReader(await writeProject(project)));
  const texts = new Map<string, string>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) texts.set(entry.filename, await entry.getData(new TextWriter()));
  }
  const zip = new ZipWriter(new BlobWriter());
  for (const [name, text] of new Map([...texts, ...Object.entries(changes)])) {
    if (text !== null) await zip.add(name, new TextReader(text));
  }
  return await zip.close();
}

async function eventsFile(change: (lines: string[]) => void): Promise<string> {
  const reader = new ZipReader(new BlobReader(await writeProject(project)));
  const entry = (await reader.getEntries()).find(({ filename }) => filename === 'events.jsonl');
  if (!entry || entry.directory) throw new Error('no events');
  const lines = (await entry.getData(new TextWriter())).split('\n');
  change(lines);
  return lines.join('\n');
}

describe('a project file', () => {
  test('gives back the run, its words, the settings and the model, and names no file', async () => {
    const { run, words, settings, model } = await readProject(await writeProject(project));
    expect(run.events).toEqual(JSON.parse(JSON.stringify(smallRun.events)));
    expect(run.dataset).toEqual(withoutFileNames(smallRun.dataset));
    expect(run.backend).toEqual(smallRun.backend);
    expect([words, settings]).toEqual([project.words, project.settings]);
    expect([...new Uint8Array(await (model as Blob).arrayBuffer())]).toEqual([1, 2, 3]);
    expect((await readProject(await writeProject({ ...project, model: null }))).model).toBeNull();
  });

  test('holds every event that recorded runs hold, of tags too', () => {
    for (const { events } of [smallRun, tagRun]) {
      const strangers = events.filter((event) => !isEngineEvent(JSON.parse(JSON.stringify(event, plain))));
      expect(strangers.map(({ type }) => type)).toEqual([]);
    }
  });

  const confusionLine = smallRun.events.findIndex(({ type }) => type === 'confusion') + 1;
  const change = (from: string, to: string) => (lines: string[]) => {
    lines[confusionLine] = (lines[confusionLine] as string).replace(from, to);
  };

  test.each([
    ['no zip', async () => new Blob(['PK\u0003\u0004 not really'])],
    ['a stranger among its files', () => zipWith({ '../evil.js': 'x' })],
    ['no events', () => zipWith({ 'events.jsonl': null })],
    ['no settings', () => zipWith({ 'settings.json': '{}' })],
    ['settings that are none', () => zipWith({ 'settings.json': '{"seed":1,"valuesByStep":{"a":{"b":{}}}}' })],
    ['another version', () => zipWith({ 'project.json': '{"version":2}' })],
    ['a name that is no text', () => zipWith({ 'project.json': '{"version":1,"name":{},"note":"","recipeId":""}' })],
    [
      'an event of no kind',
      async () => zipWith({ 'events.jsonl': await eventsFile((l) => l.push('{"type":"__proto__","atMs":1}')) }),
    ],
    [
      'an event without its fields',
      async () => zipWith({ 'events.jsonl': await eventsFile((l) => l.push('{"type":"batchEnded","atMs":1}')) }),
    ],
    ['a line that is no JSON', async () => zipWith({ 'events.jsonl': await eventsFile((l) => l.push('{')) })],
    [
      'a picture that there is not',
      async () => zipWith({ 'events.jsonl': await eventsFile(change('"pictureId":', '"pictureId":1')) }),
    ],
    ['no data set', async () => zipWith({ 'events.jsonl': await eventsFile((l) => l.shift()) })],
  ])('is refused with a sentence: %s', async (_, make) => {
    const file = await make();
    await expect(readProject(file)).rejects.toMatchObject({
      code: 'checkpointDamaged',
      message: expect.stringContaining('Nothing of it was taken'),
    });
  });
});

const plain = (_: string, value: unknown) => (value instanceof Float32Array ? Array.from(value) : value);
