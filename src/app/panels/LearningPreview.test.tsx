// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { setOption } from '../store/settings.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { LearningPreview } from './LearningPreview.tsx';

const step = smallRun.catalog.recipes[0]?.steps.find(({ id }) => id === 'unfreeze');
if (!step) throw new Error('The recorded catalog has no step that unfreezes.');
const unfreeze = step;

afterEach(cleanup);

it('counts what would learn in each group, and follows the settings', async () => {
  const engine = await renderWithEngine(<LearningPreview step={unfreeze} />, {
    previewLearning: async ({ settings }) => [
      { title: 'the early layers', learningCount: settings.learns === 'everything' ? 1000 : 0, parameterCount: 1000 },
      { title: 'the new layers', learningCount: 500_000, parameterCount: 500_000 },
    ],
  });
  await waitFor(() => expect(screen.getByText('With these settings 501,000 parameters would learn')).toBeTruthy());
  await act(async () => setOption('unfreeze', 'learns', 'newLayers'));
  await waitFor(() => expect(screen.getByText('none, frozen')).toBeTruthy());
  expect(engine.askedOf('previewLearning')).toHaveLength(2);
});

it('shows nothing before a network is chosen', async () => {
  const engine = await renderWithEngine(<LearningPreview step={unfreeze} />, { previewLearning: async () => null });
  await waitFor(() => expect(engine.askedOf('previewLearning')).toHaveLength(1));
  expect(screen.queryByTestId('learning-preview')).toBeNull();
});
