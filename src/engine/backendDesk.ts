// What the session computes with: opened once, and anew after a problem. The same card again, or what stands below it on the ladder.

import type { BackendDescription, BackendName } from '../protocol/catalog.ts';
import type { CommandParams } from '../protocol/commands.ts';
import { EngineError } from '../protocol/errors.ts';
import type { DeviceProblemKind } from '../protocol/events.ts';
import type { Executor } from './executors/executor.ts';

export interface StartedBackend {
  readonly description: BackendDescription;
  readonly executor: Executor;
  /** Where what computes can fail by itself: calls back once, with a sentence for the person. */
  readonly onProblem?: (listener: (problem: DeviceProblemKind, error: EngineError) => void) => void;
  /** Gives the device back, with all its memory, whoever still holds some. */
  readonly close?: () => void;
}

export interface BackendOrder {
  readonly backend: CommandParams<'start'>['backend'];
  /** Only what stands below it on the ladder, whatever was asked for. */
  readonly below?: BackendName;
}

/** Throws EngineError 'backendUnavailable'. */
export type StartBackend = (order: BackendOrder) => Promise<StartedBackend>;

export interface BackendListener {
  /** Nothing that was computed on the device can be trusted any more. */
  onProblem(problem: DeviceProblemKind, error: EngineError): void;
  onChanged(backend: BackendDescription): void;
}

export class BackendDesk {
  private readonly startBackend: StartBackend;
  private readonly listener: BackendListener;
  /** What was asked for at the start, to ask again when the device is gone. */
  private order: BackendOrder | null = null;
  private backend: StartedBackend | null = null;
  /** The backend that was lost last. */
  private lost: BackendName | null = null;
  private problem: DeviceProblemKind | null = null;

  constructor(startBackend: StartBackend, listener: BackendListener) {
    this.startBackend = startBackend;
    this.listener = listener;
  }

  /** Null between a problem and the next call of `working`. */
  get current(): StartedBackend | null {
    return this.backend;
  }

  async start(order: BackendOrder): Promise<BackendDescription> {
    this.order = order;
    this.backend ??= await this.open(order);
    return this.backend.description;
  }

  /** The backend; after a problem a new one, by the same ladder: the card again, or what stands below it. */
  async working(): Promise<StartedBackend> {
    if (this.backend) return this.backend;
    if (!this.order) {
      throw new EngineError('preconditionMissing', 'The studio has not started computing yet. Reload the page.');
    }
    this.backend = await this.openAgain(this.order);
    this.listener.onChanged(this.backend.description);
    return this.backend;
  }

  /** Until the page is closed, only what stands below this backend computes. */
  leave(name: BackendName): void {
    if (this.order) this.order = { ...this.order, below: name };
    if (this.backend?.description.backend !== name) return;
    this.backend.close?.();
    this.backend = null;
  }

  /** What a device has complained of since the last call; null for nothing. */
  takeProblem(): DeviceProblemKind | null {
    const { problem } = this;
    this.problem = null;
    return problem;
  }

  /** A card that does not come back is no reason to end here, even where it was asked for by name. */
  private async openAgain(order: BackendOrder): Promise<StartedBackend> {
    try {
      return await this.open(order);
    } catch (thrown) {
      const isGone = thrown instanceof EngineError && thrown.code === 'backendUnavailable';
      if (!isGone || this.lost === null || order.below === this.lost) throw thrown;
      return await this.open({ ...order, below: this.lost });
    }
  }

  private async open(order: BackendOrder): Promise<StartedBackend> {
    const started = await this.startBackend(order);
    started.onProblem?.((problem, error) => {
      if (this.backend === started) this.backend = null;
      this.problem = problem;
      this.lost = started.description.backend;
      this.listener.onProblem(problem, error);
      // A device that refused work, or is full, is there still, and so is all that it holds.
      started.close?.();
    });
    return started;
  }
}
