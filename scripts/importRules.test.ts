// Plants imports in a copy of the rules outside the project and looks at what the check says of them, so that a rule
// which has stopped working is seen. Nothing is ever written into the project's own tree.

import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inProject } from './setup/paths.mjs';

const reasons = {
  protocol: /The protocol imports nothing/,
  app: /the app imports no engine, worker or tfjs/,
  noPage: /know no page/,
  noWorkers: /does not know who starts it/,
  tfjs: /through src\/engine\/tf\.ts alone/,
  pluggedIn: /plugged in by src\/workers/,
  pluggable: /implements a contract/,
  map: /stands above it on the map/,
  bench: /knows no page, session or recipe of the studio/,
  notBench: /for measuring only/,
  cycle: /cycle/,
};

interface PlantedImport {
  readonly title: string;
  readonly file: string;
  readonly code: string;
}

const forbidden: readonly (PlantedImport & { readonly reason: RegExp })[] = [
  {
    title: 'the protocol may not import a package',
    file: 'src/protocol/planted.ts',
    code: `export * from 'birpc';`,
    reason: reasons.protocol,
  },
  {
    title: 'the protocol may not import the engine',
    file: 'src/protocol/plantedEngine.ts',
    code: `export * from '../engine/session.ts';`,
    reason: reasons.protocol,
  },
  {
    title: 'the page may not import the engine',
    file: 'src/app/planted.ts',
    code: `import { fit } from '../engine/learner/learner.ts';\nfit();`,
    reason: reasons.app,
  },
  {
    title: 'the page may not import a type of the engine',
    file: 'src/app/charts/PlantedType.tsx',
    code: `import type { Graph } from '../../engine/graph/graph.ts';\nexport type Drawn = Graph;`,
    reason: reasons.app,
  },
  {
    title: 'the page may not name a type of the engine in passing',
    file: 'src/app/store/planted.ts',
    code: `export type Kept = import('../../engine/graph/graph.ts').Graph;`,
    reason: reasons.app,
  },
  {
    title: 'the page may not load the engine later',
    file: 'src/app/panels/planted.ts',
    code: `export const engine = await import('../../engine/session.ts');`,
    reason: reasons.app,
  },
  {
    title: 'the page may not import a worker',
    file: 'src/app/plantedWorker.ts',
    code: `import '../workers/trainer.worker.ts';`,
    reason: reasons.app,
  },
  {
    title: 'the page may not import tfjs',
    file: 'src/app/charts/planted.ts',
    code: `export { tensor } from '@tensorflow/tfjs-core';`,
    reason: reasons.app,
  },
  {
    title: 'a worker may not import the page',
    file: 'src/workers/planted.worker.ts',
    code: `export * from '../app/store/actions.ts';`,
    reason: reasons.noPage,
  },
  {
    title: 'the engine may not import the page',
    file: 'src/engine/recipe/planted.ts',
    code: `export * from '../../app/store/actions.ts';`,
    reason: reasons.noPage,
  },
  {
    title: 'the engine may not import React',
    file: 'src/engine/metrics/planted.ts',
    code: `export { useState } from 'react';`,
    reason: reasons.noPage,
  },
  {
    title: 'the engine may not import a worker',
    file: 'src/engine/data/planted.ts',
    code: `export * from '../../workers/decode.worker.ts';`,
    reason: reasons.noWorkers,
  },
  {
    title: 'the engine may not import tfjs past its one door',
    file: 'src/engine/models/planted.ts',
    code: `export { tensor } from '@tensorflow/tfjs-core';`,
    reason: reasons.tfjs,
  },
  {
    title: 'the engine may not import the WebGPU executor',
    file: 'src/engine/session.ts',
    code: `export * from './executors/webgpu/plan.ts';`,
    reason: reasons.pluggedIn,
  },
  {
    title: 'the engine may not import the browser platform',
    file: 'src/engine/platform/plantedBrowser.ts',
    code: `export * from './browser/opfsStore.ts';`,
    reason: reasons.pluggedIn,
  },
  {
    title: 'the WebGPU executor may not import the learner',
    file: 'src/engine/executors/webgpu/planted.ts',
    code: `export * from '../../learner/learner.ts';`,
    reason: reasons.pluggable,
  },
  {
    title: 'the browser platform may not import the session',
    file: 'src/engine/platform/browser/planted.ts',
    code: `export * from '../../session.ts';`,
    reason: reasons.pluggable,
  },
  {
    title: 'a data reader may not import a model',
    file: 'src/engine/data/readers/planted.ts',
    code: `export * from '../../models/catalog.ts';`,
    reason: reasons.map,
  },
  {
    title: 'the learner may not import a recipe',
    file: 'src/engine/learner/callbacks/planted.ts',
    code: `export * from '../../recipe/actions.ts';`,
    reason: reasons.map,
  },
  {
    title: 'the random source may not import a platform',
    file: 'src/engine/random.ts',
    code: `export * from './platform/ports.ts';`,
    reason: reasons.map,
  },
  {
    title: 'a metric may not import the session',
    file: 'src/engine/metrics/plantedSession.ts',
    code: `export * from '../session.ts';`,
    reason: reasons.map,
  },
  {
    title: 'the bench may not import a page of the studio',
    file: 'src/bench/page/planted.ts',
    code: `export * from '../../app/ui/formatNumbers.ts';`,
    reason: reasons.bench,
  },
  {
    title: 'the bench may not import the session',
    file: 'src/bench/planted.ts',
    code: `export * from '../engine/session.ts';`,
    reason: reasons.bench,
  },
  {
    title: 'a worker of the studio may not import the bench',
    file: 'src/workers/plantedBench.ts',
    code: `export * from '../bench/benchJob.ts';`,
    reason: reasons.notBench,
  },
  {
    title: 'the WebGPU executor may not import tf.layers',
    file: 'src/engine/executors/webgpu/plantedLayers.ts',
    code: `export * from '@tensorflow/tfjs-layers';`,
    reason: reasons.notBench,
  },
  {
    title: 'two files may not import each other',
    file: 'src/engine/schedules/planted.ts',
    code: `export * from './plantedTwin.ts';`,
    reason: reasons.cycle,
  },
];

const allowed: readonly PlantedImport[] = [
  {
    title: 'the page may import the protocol and React',
    file: 'src/app/allowed.tsx',
    code: `export { useState } from 'react';\nexport * from '../protocol/rpc.ts';`,
  },
  {
    title: 'the page may start a worker by its address',
    file: 'src/app/allowedClient.ts',
    code: `export const worker = new Worker(new URL('../workers/trainer.worker.ts', import.meta.url), { type: 'module' });`,
  },
  {
    title: 'rpc.ts may import birpc',
    file: 'src/protocol/rpc.ts',
    code: `export * from 'birpc';\nexport * from './events.ts';`,
  },
  { title: 'tf.ts may import tfjs', file: 'src/engine/tf.ts', code: `export * from '@tensorflow/tfjs-core';` },
  {
    title: 'an executor may import tf.ts, the graph and its own contract',
    file: 'src/engine/executors/reference/allowed.ts',
    code: `export * from '../../graph/graph.ts';\nexport * from '../../tf.ts';\nexport * from '../executor.ts';`,
  },
  {
    title: 'the learner may import what stands above it and the protocol',
    file: 'src/engine/learner/allowed.ts',
    code: `export * from '../../protocol/recipe.ts';\nexport * from '../executors/executor.ts';\nexport * from './learner.ts';`,
  },
  {
    title: 'a worker may import the engine, its browser platform and a tfjs backend',
    file: 'src/workers/allowed.worker.ts',
    code: `import '@tensorflow/tfjs-backend-wasm';\nexport * from '../engine/platform/browser/opfsStore.ts';\nexport * from '../engine/session.ts';`,
  },
  {
    title: 'the browser platform may import tfjs and pure functions of the engine',
    file: 'src/engine/platform/browser/allowed.ts',
    code: `import '@tensorflow/tfjs-backend-webgpu';\nexport * from '../../data/areaResize.ts';`,
  },
  {
    title: 'the bench may import the engine, its WebGPU executor and tf.layers, and the page its colours',
    file: 'src/bench/allowed.ts',
    code: `import './page/allowed.css';\nexport * from '@tensorflow/tfjs-layers';\nexport * from '../engine/executors/webgpu/device.ts';\nexport * from '../engine/learner/inferInOrder.ts';`,
  },
  {
    title: 'a test of the engine may import a tfjs backend and any engine folder',
    file: 'src/engine/graph/allowed.test.ts',
    code: `import '@tensorflow/tfjs-backend-cpu';\nexport * from '../learner/learner.ts';`,
  },
];

/** Planted only so that a cycle has its other half. */
const otherFiles: readonly Omit<PlantedImport, 'title'>[] = [
  { file: 'src/engine/schedules/plantedTwin.ts', code: `export * from './planted.ts';` },
];

interface Finding {
  readonly message: string;
  readonly severity: string;
  readonly location: { readonly path: string };
}

let folder: string;
let findings: readonly Finding[];

/** Lints the planted files in one run; Biome exits with 1 because it finds something, which is the point. */
function lintFolder(): Promise<readonly Finding[]> {
  const biome = inProject('node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const options = ['lint', '--reporter=json', '--max-diagnostics=1000', '--diagnostic-level=error', 'src'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [biome, ...options], { cwd: folder }, (_exit, output, errors) => {
      if (output) resolve(JSON.parse(output).diagnostics);
      else reject(new Error(errors));
    });
  });
}

function messagesFor(file: string): readonly string[] {
  return findings.filter((finding) => finding.location.path.endsWith(file)).map((finding) => finding.message);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'import-rules-'));
  for (const name of ['biome.json', '.gitignore']) copyFileSync(inProject(name), path.join(folder, name));
  cpSync(inProject('scripts', 'importRules'), path.join(folder, 'scripts', 'importRules'), { recursive: true });
  for (const { file, code } of [...forbidden, ...allowed, ...otherFiles]) {
    const place = path.join(folder, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, `${code}\n`);
  }
  findings = await lintFolder();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a forbidden import fails the check with its reason', () => {
  test.each(forbidden)('$title', ({ file, reason }) => {
    expect(messagesFor(file)).toContainEqual(expect.stringMatching(reason));
  });
});

describe('an allowed import passes the check', () => {
  test.each(allowed)('$title', ({ file }) => {
    expect(messagesFor(file)).toEqual([]);
  });
});
