// Chaos: pages that are killed, devices that are lost, disks that fill and files that are cut off, at moments drawn from seeds. Here are
// some rounds; `npm run soak` runs many, and writes what came of them where SOAK_REPORT says.

import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { EngineEvent } from '../protocol/events.ts';
import { createReferenceExecutor } from './executors/reference/referenceExecutor.ts';
import { useBackend } from './testing/backends.ts';
import { readEvents } from './testing/chaos/checkDisk.ts';
import { checkLog, countBatches } from './testing/chaos/checkLog.ts';
import type { LifePlan } from './testing/chaos/life.ts';
import { describeRound, drawRound, type RoundReport, runRound } from './testing/chaos/round.ts';
import type { Sabotage } from './testing/chaos/scene.ts';
import { NO_FAULTS, STORIES, type Story, tellWhole } from './testing/chaos/story.ts';

vi.mock('./models/mobileNetV2.ts', () => import('./testing/chaos/tinyNetwork.ts'));
useBackend('wasm');

const { SOAK_ROUNDS, SOAK_SEED, SOAK_REPORT } = process.env;
const seeds = Array.from({ length: Number(SOAK_ROUNDS ?? 6) }, (_, index) => Number(SOAK_SEED ?? 1) + index);
const reports: RoundReport[] = [];
const [SIMPLEST] = STORIES as [Story, ...Story[]];

describe('log, checkpoint and what the person wrote are whole, and the training ends as if nothing had been', () => {
  test.each(seeds)('whatever happens in the round of seed %i', async (seed) => {
    const report = await runRound(await drawRound(seed));
    reports.push(report);
    if (SOAK_REPORT) console.log(describeRound(report));
    expect(report.problems, describeRound(report)).toEqual([]);
  });

  afterAll(() => {
    if (SOAK_REPORT) writeFileSync(SOAK_REPORT, JSON.stringify(reports));
  });
});

// These are about the suite itself, and need to be seen once.
describe.skipIf(SOAK_REPORT)('a round', () => {
  test('is the same again from the same seed, to the last fault', async () => {
    const [first] = reports;
    expect(await runRound(await drawRound(first?.seed as number))).toEqual(first);
  });

  /** Killed soon after the training was kept, or on a full disk. */
  async function runSabotaged(sabotage: Sabotage, full: LifePlan['full'] = null) {
    const whole = await tellWhole(SIMPLEST, 1);
    const killAt = full ? null : whole.keptAt + 2;
    const lives = [{ ...NO_FAULTS, full, killAt, damages: 0 }];
    return (await runRound({ seed: 1, whole, lives }, sabotage)).problems.join('\n');
  }

  test('finds a store that forgets the end of the log', async () => {
    const problems = await runSabotaged({
      store: (store) => ({
        ...store,
        async write(path, content) {
          const isLog = path.endsWith('.jsonl') && (await store.read(path)) !== null;
          if (!isLog) await store.write(path, content);
        },
      }),
    });
    expect(problems).toMatch(/the log lacks \d+ of the checkpoint's events/);
  });

  test('finds a training that goes on without its momentum', async () => {
    const problems = await runSabotaged({ executor: createForgetfulExecutor });
    expect(problems).toContain('as kept: batchEnded');
    expect(problems).toContain('the model is another');
  });

  test('finds a full disk that nobody is told of, and an earlier run that is written over', async () => {
    const problems = await runSabotaged(
      {
        store: (store) => ({
          ...store,
          write: (path, content) => store.write(path, content).catch(() => store.remove('runs/0002/header.json')),
        }),
      },
      { from: 9, count: 3 },
    );
    expect(problems).toContain('nobody was told that the work could not be kept');
    expect(problems).toContain('runs/0002/header.json of an earlier run is not what it was');
  });
});

test('a log is not whole with a batch that is told twice, missing, out of order or with another loss', async () => {
  const whole = await tellWhole(SIMPLEST, 1);
  const events = (await readEvents(whole.earlier, 1)) as EngineEvent[];
  expect(checkLog(events, whole, true)).toEqual([]);
  const at = events.findIndex((event) => event.type === 'batchEnded' && event.iteration === 3);
  const [before, batch, after] = [events.slice(0, at), events[at] as EngineEvent, events.slice(at + 1)];
  const problemsOf = (...parts: (EngineEvent | EngineEvent[])[]) => checkLog(parts.flat(), whole, true).join('\n');
  expect(problemsOf(before, batch, batch, after)).toContain('batchEnded 4 of trainHead should be');
  expect(problemsOf(before, after)).toContain('batchEnded 3 of trainHead should be');
  expect(problemsOf(before, after[0] as EngineEvent, batch, after.slice(1))).toContain('time goes back');
  expect(problemsOf(before, { ...batch, loss: 0.5 } as EngineEvent, after)).toContain('not {"type":"batchEnded"');
  expect(problemsOf(before)).toContain('trainHead never came to its end');
  // Where a step goes on from before it, it is told again, with the same words: neither more than that nor less.
  const goneOn = (epoch: number, done: number): EngineEvent => ({
    ...{ type: 'stepGoneOn', stepId: 'trainHead', settings: {}, atMs: batch.atMs },
    ...{ epoch, batch: done },
  });
  const epoch = before.filter(({ type }) => type === 'epochEnded').length;
  expect(problemsOf(before, batch, goneOn(epoch, 3), batch, after)).toBe('');
  expect(problemsOf(before, batch, goneOn(epoch, 4), batch, after)).toContain('batchEnded 4 of trainHead should be');
  expect(problemsOf(before, batch, goneOn(epoch, 3), after)).toContain('batchEnded 3 of trainHead should be');
  expect(problemsOf(before, goneOn(epoch, 4), after)).toContain('trainHead goes on at batch 4');
  expect(countBatches([...before, batch], 'trainHead')).toBe(4);
  expect(countBatches([...before, batch, goneOn(epoch, 3)], 'trainHead')).toBe(3);
});

function createForgetfulExecutor() {
  const executor = createReferenceExecutor();
  return {
    ...executor,
    async create(...given: Parameters<typeof executor.create>) {
      const network = await executor.create(...given);
      const { writeState } = network;
      network.writeState = ({ parameters, optimizer }) =>
        writeState.call(network, { parameters, optimizer: { ...optimizer, velocities: new Map() } });
      return network;
    },
  };
}
