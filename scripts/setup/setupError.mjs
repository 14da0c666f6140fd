// @ts-check
// An error that a person can act on: its message is shown as it is, without a stack.

export class SetupError extends Error {
  /**
   * @param {string} message what happened and what to do
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
  }
}

/**
 * Runs a script's main function and turns what it throws into a sentence and an exit code.
 * @param {() => Promise<void> | void} main
 */
export async function runScript(main) {
  try {
    await main();
  } catch (thrown) {
    if (thrown instanceof SetupError) {
      console.error(`\n${thrown.message}`);
      process.exitCode = thrown.exitCode;
    } else {
      console.error(thrown);
      process.exitCode = 1;
    }
  }
}
