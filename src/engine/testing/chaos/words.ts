// What a person calls their runs, as it has to be found again: what was said to be kept is, and what was on its way when the page went
// is there whole or not at all.

import type { CommandHandlers } from '../../../protocol/commands.ts';
import { EngineError } from '../../../protocol/errors.ts';
import type { KeptRun } from '../../../protocol/keeping.ts';
import { summaryPath } from '../../persistence/runFiles.ts';
import { GO_ON } from '../testSession.ts';
import type { Disk } from './disk.ts';
import type { Life } from './life.ts';

interface Said {
  certain: string;
  readonly possible: Set<string>;
}

export class Words {
  private readonly byRun = new Map<number, Said>();

  /** @param names of runs by their numbers, from 1 */
  constructor(names: readonly string[]) {
    for (const [index, name] of names.entries()) this.byRun.set(index + 1, { certain: name, possible: new Set() });
  }

  /** The person names a run; problems are what should not have come of it. */
  async say(session: CommandHandlers, life: Life, number: number, name: string, problems: string[]): Promise<void> {
    const said = this.byRun.get(number) ?? { certain: '', possible: new Set<string>() };
    this.byRun.set(number, said);
    said.possible.add(name);
    try {
      await session.describeRun({ number, name, note: `${name}, and why` }, GO_ON);
      if (life.isDead) return;
      said.certain = name;
      said.possible.clear();
    } catch (thrown) {
      if (life.isDead) return;
      // The old name is there: a disk that is full refuses the file whole.
      said.possible.delete(name);
      if (!(thrown instanceof EngineError) || thrown.code !== 'storageFull')
        problems.push(`a name was refused: ${thrown}`);
    }
  }

  /** What is wrong, in sentences. After it there is no doubt about what was on its way. */
  check(runs: readonly KeptRun[], disk: Disk): string[] {
    return [...this.byRun].flatMap(([number, said]) => {
      if (disk.damaged.has(summaryPath(number))) return [];
      const run = runs.find((candidate) => candidate.number === number);
      if (!run) return [`run ${number} is not listed any more`];
      const isRight = run.name === said.certain || said.possible.has(run.name);
      const expected = [said.certain, ...said.possible];
      said.certain = run.name;
      said.possible.clear();
      return isRight ? [] : [`run ${number} is called “${run.name}” and not “${expected.join('” or “')}”`];
    });
  }
}
