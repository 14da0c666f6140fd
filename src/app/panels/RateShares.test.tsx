// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { setOption, settingsStore } from '../store/settings.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { RateShares } from './RateShares.tsx';

const step = smallRun.catalog.recipes[0]?.steps.find(({ id }) => id === 'rates');
if (!step) throw new Error('The recorded catalog has no step that sets rates.');
const rates = step;

const show = (isRunning = false) => renderWithEngine(<RateShares step={rates} isRunning={isRunning} />);
const shownRates = () => screen.getAllByTestId('group-rate').map((row) => row.textContent);
const typed = () => settingsStore.getState().valuesByStep.rates;

afterEach(cleanup);

it('three bars show the rate of each group, of the rate that the training behind has', async () => {
  await show();
  await act(async () => setOption('fineTune', 'learningRate', '2e-2'));
  expect(shownRates()).toEqual(['New layers2e-2 the whole rate', 'Later layers2e-3 1/10', 'Early layers2e-4 1/100']);
  expect(screen.getByText(/Shares of the rate 2e-2, set in step 8/)).toBeTruthy();
});

it('without a typed rate they are of the newest suggestion', async () => {
  const engine = await show();
  await act(async () => engine.send(smallRun.events));
  await waitFor(() => expect(screen.getByText(/Shares of the rate 7\.6e-3, suggested in step 2/)).toBeTruthy());
});

it('the slider moves all ratios together and keeps what a person typed between them', async () => {
  await show();
  await act(async () => setOption('rates', 'earlyDivisor', '2.5'));
  const slider = screen.getByTestId('rate-slider') as HTMLInputElement;
  expect(slider.getAttribute('aria-valuetext')).toBe('each group’s rate is 1/5 of the next one’s');
  fireEvent.change(slider, { target: { value: '1' } });
  expect(typed()).toEqual({ laterDivisor: 20, earlyDivisor: 5 });
});

it('the rules of thumb are buttons', async () => {
  await show();
  const [photographs, satellite] = screen.getAllByTestId('rate-preset');
  expect([photographs?.textContent, satellite?.textContent]).toEqual(['10× (photographs)', '3× (satellite, medical)']);
  if (satellite) fireEvent.click(satellite);
  expect(typed()).toEqual({ laterDivisor: 3, earlyDivisor: 3 });
  expect(shownRates()[2]).toContain('1/9');
});

it('is off, and says so, while the step runs', async () => {
  await show(true);
  fireEvent.change(screen.getByTestId('rate-slider'), { target: { value: '2' } });
  for (const button of screen.getAllByTestId('rate-preset')) fireEvent.click(button);
  expect(typed()).toBeUndefined();
  expect(screen.getAllByText('Off while the step runs.').length).toBeGreaterThan(0);
});
