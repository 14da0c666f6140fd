// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { KeptModel } from '../../protocol/training.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { ModelFile, problemOfName, proposeName } from './ModelFile.tsx';

async function show() {
  const kept: KeptModel[] = [];
  const engine = await renderWithEngine(<ModelFile />, {
    keepModel: async ({ name }) => {
      kept.push({ name, imageSizePx: 224, sizeBytes: 2_300_000 });
      return { models: [...kept] };
    },
    forgetModel: async ({ name }) => ({ models: kept.filter((model) => model.name !== name) }),
    loadKeptModel: async ({ name }) => ({ sentence: `Opened “${name}”.` }),
  });
  return engine;
}
const click = (testId: string, index = 0) =>
  act(async () => {
    const button = screen.getAllByTestId(testId)[index];
    if (button) fireEvent.click(button);
  });
const nameField = () => screen.getByTestId('model-name') as HTMLInputElement;

afterEach(cleanup);

it('before anything is trained there is nothing to save, and the button says so', async () => {
  await show();
  expect(screen.queryByTestId('model-name')).toBeNull();
  expect(screen.getByTestId('keep-model').getAttribute('aria-disabled')).toBe('true');
  expect(screen.getAllByText('There is nothing to save before something was trained.')).toHaveLength(2);
});

it('the lesson’s name is proposed, a person’s own is kept, and both are listed to go on from', async () => {
  const engine = await show();
  await act(async () => engine.send([{ type: 'trainedChanged', name: '224_lastlayer', atMs: 1 }]));
  expect(nameField().value).toBe('224_lastlayer');
  await click('keep-model');
  expect(nameField().value).toBe('224_lastlayer_2');
  fireEvent.change(nameField(), { target: { value: 'dogs and cats' } });
  await click('keep-model');
  expect(engine.askedOf('keepModel')).toEqual([{ name: '224_lastlayer' }, { name: 'dogs and cats' }]);
  expect(screen.getByText(/until it closes: 4\.6 MB of memory/)).toBeTruthy();
  await click('open-kept', 1);
  expect(screen.getByTestId('model-opened').textContent).toBe('Opened “dogs and cats”.');
  await click('forget-kept');
  expect(screen.getByTestId('kept-models').textContent).not.toContain('224_lastlayer');

  // What is trained next has a name of its own.
  await act(async () => engine.send([{ type: 'trainedChanged', name: '224_all', atMs: 2 }]));
  expect(nameField().value).toBe('224_all');
});

it('a name that no file can have is said and not saved', async () => {
  const engine = await show();
  await act(async () => engine.send([{ type: 'trainedChanged', name: '224_all', atMs: 1 }]));
  fireEvent.change(nameField(), { target: { value: 'a/b' } });
  expect(nameField().getAttribute('aria-invalid')).toBe('true');
  await click('keep-model');
  expect(engine.askedOf('keepModel')).toEqual([]);
  expect([problemOfName('299_all_cyc_1'), problemOfName(' ')]).toEqual([
    null,
    expect.stringContaining('80 characters'),
  ]);
});

it('a name is never proposed twice', () => {
  const kept = ['a', 'a_2'].map((name) => ({ name, imageSizePx: 224, sizeBytes: 1 }));
  expect([proposeName('a', kept), proposeName('b', kept)]).toEqual(['a_3', 'b']);
});
