// The settings of a step that say what its rate does, and the schedule that they mean.

import { EngineError } from '../../protocol/errors.ts';
import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import { constantSchedule } from '../schedules/constant.ts';
import { cosineRestarts, countCycleEpochs } from '../schedules/cosineRestarts.ts';
import { cosineOneCycle, triangle, triangleWithTail } from '../schedules/oneCycle.ts';
import { repeatSchedule } from '../schedules/repeatSchedule.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { stepwise } from '../schedules/stepwise.ts';
import { choiceSetting, numberSetting } from './settings.ts';

/** The lesson's use_clr and use_clr_beta: each cycle is one triangle, and all are as long as the first. */
const TRIANGLES = ['triangle', 'triangleWithTail'] as const;
const ONE_CYCLES = ['oneCycle', ...TRIANGLES] as const;

/** Longer runs are slips of the finger: 10 cycles with a multiplier of 4 would be 349,525 epochs. */
const MOST_EPOCHS = 10_000;

const MOMENTUM = { kind: 'number', min: 0, max: 0.999, isInteger: false, scale: 'linear' } as const;

export function scheduleOptions(defaults: {
  readonly cycles: number;
  readonly cycleMultiplier: number;
}): readonly OptionSpec[] {
  return [
    {
      kind: 'choice',
      id: 'schedule',
      label: 'Schedule',
      help: 'What the rate does. One cycle, parts and a rate that stays take cycles, first cycle and multiplier together as their number of epochs.',
      default: 'restarts',
      choices: [
        { value: 'restarts', label: 'falls in each cycle, then restarts (the lesson’s SGDR)' },
        { value: 'oneCycle', label: 'one cycle: up for a quarter, then down' },
        { value: 'triangle', label: 'triangles: straight up, straight down (use_clr)' },
        { value: 'triangleWithTail', label: 'triangles with a tail (use_clr_beta)' },
        { value: 'stepwise', label: 'stepwise: a tenth after each of as many parts as cycles' },
        { value: 'constant', label: 'stays' },
      ],
    },
    {
      kind: 'number',
      id: 'cycles',
      label: 'Cycles',
      help: 'How often the rate falls from its largest value to nearly nothing.',
      default: defaults.cycles,
      min: 1,
      max: 50,
      isInteger: true,
      scale: 'linear',
    },
    {
      kind: 'number',
      id: 'cycleLength',
      label: 'First cycle',
      help: 'Epochs of the first cycle.',
      default: 1,
      min: 1,
      max: 100,
      isInteger: true,
      scale: 'linear',
      unit: 'epochs',
    },
    {
      kind: 'number',
      id: 'cycleMultiplier',
      label: 'Cycle multiplier',
      help: 'Each cycle is this many times as long as the one before: 3 cycles from 1 epoch with 2 are 1 + 2 + 4 = 7 epochs.',
      default: defaults.cycleMultiplier,
      min: 1,
      max: 4,
      isInteger: true,
      scale: 'linear',
      onlyWhen: { optionId: 'schedule', isOneOf: ['restarts', 'oneCycle', 'stepwise', 'constant'] },
    },
    {
      kind: 'number',
      id: 'rateDivider',
      label: 'Triangle begins at',
      help: 'The rate begins and ends at its largest value divided by this.',
      default: 10,
      min: 1,
      max: 1000,
      isInteger: false,
      scale: 'linear',
      unit: 'times less',
      onlyWhen: { optionId: 'schedule', isOneOf: TRIANGLES },
    },
    {
      kind: 'number',
      id: 'peakDivider',
      label: 'Peak after one part in',
      help: 'With 8 the rate rises for an eighth of the cycle and falls for the rest of it.',
      default: 8,
      min: 1,
      max: 100,
      isInteger: false,
      scale: 'linear',
      onlyWhen: { optionId: 'schedule', isOneOf: ['triangle'] },
    },
    {
      kind: 'number',
      id: 'tailPercent',
      label: 'Tail',
      help: 'The last part of the cycle, in which the rate falls on to a hundredth of where it began.',
      default: 10,
      min: 0,
      max: 90,
      isInteger: false,
      scale: 'linear',
      unit: '%',
      onlyWhen: { optionId: 'schedule', isOneOf: ['triangleWithTail'] },
    },
    {
      ...MOMENTUM,
      id: 'highMomentum',
      label: 'Momentum at small rates',
      help: 'It takes the place of the step’s own momentum and falls as the rate rises.',
      default: 0.95,
      onlyWhen: { optionId: 'schedule', isOneOf: ONE_CYCLES },
    },
    {
      ...MOMENTUM,
      id: 'lowMomentum',
      label: 'Momentum at the peak',
      help: 'The same as at small rates holds it still.',
      default: 0.85,
      onlyWhen: { optionId: 'schedule', isOneOf: ONE_CYCLES },
    },
    {
      kind: 'number',
      id: 'averagedCycles',
      label: 'Cycles averaged',
      help: 'What the network says at the end of so many last cycles is averaged, as a result beside its own. 1 averages none.',
      default: 5,
      min: 1,
      max: 50,
      isInteger: true,
      scale: 'linear',
    },
  ];
}

export interface ChosenSchedule {
  readonly epochCount: number;
  readonly schedule: Schedule;
}

/** Throws EngineError 'settingInvalid' for a run that would never end. A step without a schedule of its own keeps its rate. */
export function scheduleSettings(settings: SettingValues, batchesPerEpoch: number): ChosenSchedule {
  const epochCount = countEpochs(settings);
  const batchCount = epochCount * batchesPerEpoch;
  if (settings.schedule === undefined) return { epochCount, schedule: constantSchedule(batchCount) };
  const cycles = numberSetting(settings, 'cycles');
  const firstCycleBatches = numberSetting(settings, 'cycleLength') * batchesPerEpoch;
  const momentum = { high: numberSetting(settings, 'highMomentum'), low: numberSetting(settings, 'lowMomentum') };
  const divider = () => numberSetting(settings, 'rateDivider');
  const make = (): Schedule => {
    switch (choiceSetting(settings, 'schedule')) {
      case 'oneCycle':
        return cosineOneCycle({ batchCount, momentum });
      case 'triangle': {
        const cutDivider = numberSetting(settings, 'peakDivider');
        const one = triangle({ batchCount: firstCycleBatches, divider: divider(), cutDivider, momentum });
        return repeatSchedule(one, cycles);
      }
      case 'triangleWithTail': {
        const tailPercent = numberSetting(settings, 'tailPercent');
        const one = triangleWithTail({ batchCount: firstCycleBatches, divider: divider(), tailPercent, momentum });
        return repeatSchedule(one, cycles);
      }
      case 'stepwise':
        return stepwise({ epochCount, batchesPerEpoch, stepEpochs: Math.ceil(epochCount / cycles) });
      case 'constant':
        return constantSchedule(batchCount);
      default:
        return cosineRestarts({
          cycles,
          cycleMultiplier: numberSetting(settings, 'cycleMultiplier'),
          firstCycleBatches,
        });
    }
  };
  return { epochCount, schedule: make() };
}

/** Throws EngineError 'settingInvalid' for more epochs than anybody waits for. */
export function countEpochs(settings: SettingValues): number {
  if (settings.schedule === undefined) return numberSetting(settings, 'epochs');
  const isTriangle = TRIANGLES.some((name) => name === settings.schedule);
  const multiplier = isTriangle ? 1 : numberSetting(settings, 'cycleMultiplier');
  const epochs = countCycleEpochs(
    numberSetting(settings, 'cycleLength'),
    multiplier,
    numberSetting(settings, 'cycles'),
  );
  if (epochs <= MOST_EPOCHS) return epochs;
  throw new EngineError(
    'settingInvalid',
    `These cycles are more than ${MOST_EPOCHS.toLocaleString('en')} epochs together. Nothing was run; take fewer cycles or a smaller multiplier.`,
  );
}
