// What a person wants of the training that runs, beside stopping it: to halt for a while, and to let go of what it trained.

import type { CancelSignal } from '../protocol/commands.ts';
import type { TrainingControl } from './recipe/stepContext.ts';

/** How soon a paused training notices that it may go on. */
const PAUSE_CHECK_MS = 50;

export class StepControl {
  private isPaused = false;
  private isLetGo = false;

  /** For the step that begins: nobody has said anything of it yet. A stop ends a pause too. */
  begin(signal: CancelSignal): TrainingControl {
    this.isPaused = false;
    this.isLetGo = false;
    return { waitForGo: () => this.waitForGo(signal), isDiscarded: () => this.isLetGo };
  }

  get isDiscarded(): boolean {
    return this.isLetGo;
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
  }

  discard(): void {
    this.isLetGo = true;
  }

  private async waitForGo(signal: CancelSignal): Promise<void> {
    while (this.isPaused && !signal.aborted) await new Promise<void>((resolve) => setTimeout(resolve, PAUSE_CHECK_MS));
  }
}
