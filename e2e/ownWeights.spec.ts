// A checkpoint that a person brings: dropped, it is recognised, kept in the browser and chosen; what is none ends in a sentence.

import { writeFileSync } from 'node:fs';
import { findArchitecture } from '../src/engine/models/catalog.ts';
import type { CheckpointTensor } from '../src/engine/models/checkpoints/checkpoint.ts';
import { writeTensors } from '../src/engine/models/weights/writeSafetensors.ts';
import { namesAndShapes } from '../src/engine/testing/checkpointTensors.ts';
import { hashedValues } from '../src/engine/testing/formula.ts';
import { writeTorchZip } from '../src/engine/testing/torchZip.ts';
import { dragOver, expect, openNetworks, smallPictureSizePx, test } from './studioTest.ts';

/** Numbers that a picture comes through: He's weights, batch norms that pass on what comes, a quieter one at a block's end. */
function valuesOf(name: string, { shape }: CheckpointTensor, place: number): Float32Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (shape.length > 1) return hashedValues(count, place, Math.sqrt((6 * (shape[0] as number)) / count));
  if (name.endsWith('running_var')) return new Float32Array(count).fill(1);
  const isScale = name.endsWith('.weight');
  return new Float32Array(count).fill(isScale ? 0.5 : 0);
}

function checkpointOf(id: string): { name: string; shape: readonly number[]; values: Float32Array }[] {
  return [...namesAndShapes(findArchitecture(id))].map(([name, tensor], place) => ({
    name,
    shape: tensor.shape,
    values: valuesOf(name, tensor, place),
  }));
}

test('a ResNet-34 in torchvision’s names is dropped, chosen, trained on, kept over a reload and taken away', async ({
  page,
  studio,
  tinyDataset,
}, testInfo) => {
  const file = testInfo.outputPath('my resnet.safetensors');
  writeFileSync(file, writeTensors(checkpointOf('resnet34'), {}));
  const folder = tinyDataset({ classNames: ['circles', 'squares'] });
  await page.goto('/?recipe=head&backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(folder);
  await studio.select('prepare');
  const letGo = await dragOver(page, file);
  await letGo();
  await expect(page.getByRole('status').filter({ hasText: 'ResNet-34' })).toContainText('torchvision');
  await studio.setOptions('prepare', { imageSizePx: smallPictureSizePx });
  await expect(page.getByTestId('settings')).toContainText('ResNet-34, yours (my resnet.safetensors)');
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 1 });
  await studio.runStep('trainHead');

  await page.reload();
  await studio.readBadge();
  await studio.chooseFolder(folder);
  await studio.select('prepare');
  const own = await openNetworks(page, 'my resnet.safetensors');
  await expect(own.getByRole('radio')).not.toBeChecked();
  await own.getByRole('radio').check();
  await expect(page.getByTestId('settings')).toContainText('yours');
  await own.getByTestId('remove-weights').click();
  await expect(page.getByText('my resnet.safetensors')).toHaveCount(0);
  await expect(page.getByTestId('settings')).toContainText('EfficientNet-Lite0');
});

test('a state dict of torch.save is added from the list of networks, and a damaged one is refused in a sentence', async ({
  page,
  studio,
  tinyDataset,
}, testInfo) => {
  const file = testInfo.outputPath('lite.pth');
  const tensors = checkpointOf('efficientnet-lite0').map(({ name, shape, values }) => {
    const bytes = new Uint8Array(values.buffer);
    return [name, { storageType: 'FloatStorage', shape, bytes }] as const;
  });
  const whole = writeTorchZip(new Map(tensors));
  writeFileSync(file, whole);
  await page.goto('/?recipe=head&backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'] }));
  await studio.select('prepare');
  await openNetworks(page, 'EfficientNet-Lite0');
  await page.getByTestId('weights-input').setInputFiles(file);
  await expect(page.getByRole('status').filter({ hasText: 'EfficientNet-Lite0' })).toBeVisible();
  const own = page.getByTestId('network-offer').filter({ hasText: 'yours (lite.pth)' });
  await expect(own.getByRole('radio')).toBeChecked();

  const damaged = testInfo.outputPath('damaged.pth');
  writeFileSync(damaged, whole.subarray(0, whole.length / 2));
  await page.getByTestId('weights-input').setInputFiles(damaged);
  await expect(page.getByRole('alert')).toContainText('Nothing was loaded');
  await expect(own.getByRole('radio')).toBeChecked();
});
