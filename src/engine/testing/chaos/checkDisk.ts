// Whether the disk that a life has left is whole: what was told, what was kept, what the person wrote, and what nobody may touch.

import { Checkpoints } from '../../persistence/checkpoints.ts';
import { folderOf } from '../../persistence/runFiles.ts';
import { listRuns, readRun } from '../../persistence/runJournal.ts';
import { decodeStudio, type StudioRecord } from '../../persistence/studioCheckpoint.ts';
import { checkLog, countBatches, eventsIn } from './checkLog.ts';
import { type Disk, openDisk } from './disk.ts';
import { EARLIER, type Whole } from './story.ts';
import type { Words } from './words.ts';

/** What is wrong, in sentences; empty where nothing is. Damage that a fault did itself is none. */
export async function checkDisk(disk: Disk, whole: Whole, words: Words): Promise<string[]> {
  const runs = await listRuns(openDisk(disk));
  const problems = [...checkPlaces(disk), ...checkEarlier(disk, whole), ...words.check(runs, disk)];
  for (const { number } of runs) {
    const log = await readEvents(disk, number);
    if (typeof log === 'string') problems.push(log);
    else if (log)
      problems.push(...checkLog(log, whole, number <= EARLIER.length).map((what) => `run ${number}: ${what}`));
  }
  return [...problems, ...(await checkCheckpoint(disk))];
}

/** Null where a fault has damaged them; a sentence where they cannot be read. */
export async function readEvents(disk: Disk, number: number) {
  if (disk.isDamagedIn(folderOf(number))) return null;
  const recording = await readRun(openDisk(disk), number);
  if (recording === null) return `run ${number} is listed and has no log`;
  try {
    return eventsIn(recording);
  } catch (thrown) {
    return `the log of run ${number} is not whole: ${thrown}`;
  }
}

function checkPlaces({ files, overwritten }: Disk): string[] {
  const strays = [...files.keys()].filter((path) => !/^(runs|work|pixels)\//.test(path));
  return [
    ...strays.map((path) => `${path} was written, where nothing is kept`),
    ...overwritten.map((path) => `${path} was written over, though the summary of its run was damaged`),
  ];
}

/** To the last byte, but for their names. */
function checkEarlier(disk: Disk, { earlier }: Whole): string[] {
  const paths = [...earlier.files.keys()].filter((path) => path.split('/').length === 3 && !disk.damaged.has(path));
  const changed = paths.filter((path) => !isSame(disk.files.get(path), earlier.files.get(path)));
  return changed.map((path) => `${path} of an earlier run is not what it was`);
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && one.length === other.length && one.every((b, i) => b === other[i]);
}

/** Whether there is a checkpoint that has to be found: a slot that is whole, and all parts that it names. */
export function mustHaveWork(disk: Disk): boolean {
  return disk.list('work').some((path) => !disk.damaged.has(path) && !disk.spoiledSlots.has(path));
}

async function checkCheckpoint(disk: Disk): Promise<string[]> {
  let record: StudioRecord;
  try {
    const stored = await new Checkpoints(openDisk(disk), 'work').read();
    if (!stored) return mustHaveWork(disk) ? ['the checkpoint is gone'] : [];
    record = decodeStudio(stored);
  } catch (thrown) {
    return mustHaveWork(disk) ? [`the checkpoint cannot be read: ${thrown}`] : [];
  }
  const { runNumber, eventCount } = record.log;
  const log = await readEvents(disk, runNumber);
  if (!Array.isArray(log)) return log === null ? [] : [log];
  const seen = log.slice(0, eventCount);
  const problems =
    seen.length < eventCount ? [`the log lacks ${eventCount - seen.length} of the checkpoint's events`] : [];
  const { running } = record;
  if (!running) return problems;
  const [told, trained] = [countBatches(seen, running.stepId), running.cutOff.fit.batch];
  return told === trained ? problems : [...problems, `the log tells ${told} batches, the checkpoint has ${trained}`];
}
