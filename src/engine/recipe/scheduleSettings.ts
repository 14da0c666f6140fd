// The settings of a step that say what its rate does, and the schedule that they mean.

import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import { constantSchedule } from '../schedules/constant.ts';
import { cosineRestarts, countCycleEpochs } from '../schedules/cosineRestarts.ts';
import { cosineOneCycle } from '../schedules/oneCycle.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { stepwise } from '../schedules/stepwise.ts';
import { choiceSetting, numberSetting } from './settings.ts';

export function scheduleOptions(defaults: {
  readonly cycles: number;
  readonly cycleMultiplier: number;
}): readonly OptionSpec[] {
  return [
    {
      kind: 'choice',
      id: 'schedule',
      label: 'Schedule',
      help: 'What the rate does. All but the lesson’s restarts take cycles, first cycle and multiplier together as their number of epochs.',
      default: 'restarts',
      choices: [
        { value: 'restarts', label: 'falls in each cycle, then restarts (the lesson’s SGDR)' },
        { value: 'oneCycle', label: 'one cycle: up for a quarter, then down' },
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

export function scheduleSettings(settings: SettingValues, batchesPerEpoch: number): ChosenSchedule {
  const cycles = numberSetting(settings, 'cycles');
  const cycleLength = numberSetting(settings, 'cycleLength');
  const cycleMultiplier = numberSetting(settings, 'cycleMultiplier');
  const epochCount = countCycleEpochs(cycleLength, cycleMultiplier, cycles);
  const batchCount = epochCount * batchesPerEpoch;
  const make = (): Schedule => {
    switch (choiceSetting(settings, 'schedule')) {
      case 'oneCycle':
        return cosineOneCycle({ batchCount });
      case 'stepwise':
        return stepwise({ epochCount, batchesPerEpoch, stepEpochs: Math.ceil(epochCount / cycles) });
      case 'constant':
        return constantSchedule(batchCount);
      default:
        return cosineRestarts({ cycles, cycleMultiplier, firstCycleBatches: cycleLength * batchesPerEpoch });
    }
  };
  return { epochCount, schedule: make() };
}
