import { describe, expect, test } from 'vitest';
import type { CountProgress } from '../protocol/events.ts';
import type { AddedWeights } from '../protocol/networks.ts';
import { mobileNetV2 } from './models/mobileNetV2.ts';
import { NetworkDesk } from './networkDesk.ts';
import {
  createMemoryHub,
  createMemoryPlatform,
  createMemoryStore,
  createMemoryWeights,
} from './platform/memory/memoryPlatform.ts';
import { EMPTY_STATE } from './recipe/studioState.ts';
import { makeSafetensors, namesAndShapes } from './testing/checkpointTensors.ts';

const GO_ON = { aborted: false };
const HUB = 'https://mirror.example';
/** In timm's names, as the hub has it. */
const mobileNet = makeSafetensors(namesAndShapes(mobileNetV2, 1));

function createDesk({
  repository = 'timm/mobilenetv2_100.ra_in1k',
  file = mobileNet,
  store = createMemoryStore(),
} = {}) {
  const hub = createMemoryHub(new Map([[repository, file]]));
  return new NetworkDesk(createMemoryPlatform(createMemoryWeights(new Map()), { store, hub }));
}

const idsOf = async (desk: NetworkDesk) => (await desk.shelf.listCards()).map(({ id }) => id);
const weightsOf = (added: AddedWeights) => (added.kind === 'weights' ? added : null);

describe('weights from a hub', () => {
  test('are kept as any others, with what was published of them and where they are from', async () => {
    const desk = createDesk();
    const told: CountProgress[] = [];
    const added = weightsOf(
      await desk.fetch({ architecture: 'mobilenet-v2', hubUrl: HUB }, GO_ON, (bytes) => told.push(bytes)),
    );
    expect(added?.sentence).toMatch(/^This is a MobileNetV2 \(timm’s names\): all 260 tensors of its body matched; /);
    expect(added?.sentence.match(/until the page is closed/g)).toHaveLength(1);
    expect(told).toEqual([{ done: mobileNet.byteLength, total: mobileNet.byteLength }]);
    const id = added?.weightsId ?? '';
    expect(id).toMatch(/^mobilenetv2-100-ra-in1k-[0-9a-f]{8}$/);
    expect(await desk.shelf.readCard(id)).toMatchObject({
      label: 'MobileNetV2 (timm/mobilenetv2_100.ra_in1k)',
      architecture: 'mobilenet-v2',
      publishedTop1: 0.7297,
      licence: 'Apache-2.0',
      source: { hub: 'mirror.example', repository: 'timm/mobilenetv2_100.ra_in1k', fileName: 'model.safetensors' },
    });
    expect(added?.catalog.backbones.find((backbone) => backbone.id === id)?.source).toBe(
      'model.safetensors of timm/mobilenetv2_100.ra_in1k at 0123456, from mirror.example',
    );
    expect(await desk.shelf.isOwn(id)).toBe(true);
    await desk.remove(id, EMPTY_STATE);
    expect(await idsOf(desk)).toEqual([]);
  });

  test('of another network than the one that was asked for are not kept', async () => {
    const desk = createDesk({ repository: 'timm/resnet34.tv_in1k' });
    await expect(desk.fetch({ architecture: 'resnet34', hubUrl: HUB }, GO_ON, () => {})).rejects.toThrow(
      'timm/resnet34.tv_in1k on mirror.example holds weights of MobileNetV2, and not of ResNet-34. Nothing was kept.',
    );
    expect(await idsOf(desk)).toEqual([]);
  });

  test('that are no weights are not kept', async () => {
    const desk = createDesk({ file: Uint8Array.of(1, 2, 3) });
    await expect(desk.fetch({ architecture: 'mobilenet-v2', hubUrl: HUB }, GO_ON, () => {})).rejects.toMatchObject({
      code: 'weightsDamaged',
    });
    expect(await idsOf(desk)).toEqual([]);
  });

  test('are not kept once the person has stopped', async () => {
    const signal = { aborted: false };
    const desk = createDesk();
    const fetching = desk.fetch({ architecture: 'mobilenet-v2', hubUrl: HUB }, signal, () => {
      signal.aborted = true;
    });
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
    expect(await idsOf(desk)).toEqual([]);
  });

  test('are asked for only where a repository is known, and one after the other', async () => {
    const desk = createDesk();
    const ask = (architecture: string) => desk.fetch({ architecture, hubUrl: HUB }, GO_ON, () => {});
    await expect(ask('resnet50-v1')).rejects.toMatchObject({ code: 'settingInvalid' });
    await expect(ask('anything')).rejects.toThrow('No public weights of this network are known here.');
    const first = ask('mobilenet-v2');
    await expect(ask('mobilenet-v2')).rejects.toMatchObject({ code: 'busy' });
    await first;
    // What failed stands in nobody's way.
    await expect(ask('resnet18')).rejects.toMatchObject({ code: 'weightsUnavailable' });
    await expect(ask('mobilenet-v2')).resolves.toMatchObject({ kind: 'weights' });
  });
});

test('a checkpoint that a person brings is told once to be kept until the page is closed', async () => {
  const added = weightsOf(await createDesk().add(new Blob([mobileNet]), 'mine.safetensors'));
  expect(added?.sentence.match(/until the page is closed/g)).toHaveLength(1);
});
