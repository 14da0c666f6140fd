// What can go wrong with a hub, in sentences: what happened, that nothing was kept, what to do.

import { EngineError } from '../../../protocol/errors.ts';
import { formatSize } from '../../formatSize.ts';
import type { HubRequest } from '../ports.ts';

const NEEDS_SIGN_IN = [401, 403];
const NOT_FOUND = 404;
const TOO_MANY_REQUESTS = 429;

export type HubSentences = ReturnType<typeof createHubSentences>;

/** @param host as it is written in the address. */
export function createHubSentences(host: string, { repository, fileName, mostBytes }: HubRequest) {
  const byHand = `download ${fileName} of ${repository} yourself and drop it here`;
  const unavailable = (what: string, advice: string) =>
    new EngineError('weightsUnavailable', `${what}. Nothing was kept. ${advice}.`);
  const damaged = (what: string) =>
    new EngineError('weightsDamaged', `${what}. Nothing was kept. Try again or at another address, or ${byHand}.`);
  return {
    stopped: () => new EngineError('cancelled', 'Fetching was stopped. Nothing was kept.'),
    unreachable: (base: string) =>
      unavailable(
        `${host} could not be reached: there is no connection, it does not let other pages read what it has, or it is a mirror that this studio was not served with (WINDOWBOX_HUBS)`,
        `Check the connection and the address${base.startsWith('http:') ? ' (a page over https reaches http:// on this computer only)' : ''} and try again, or ${byHand}`,
      ),
    refused(status: number) {
      if (NEEDS_SIGN_IN.includes(status)) {
        return unavailable(
          `${host} has no ${repository}, or gives it only to people who have signed in there (answer ${status})`,
          `Check the address; if you may have the file, ${byHand}`,
        );
      }
      if (status === NOT_FOUND) {
        return unavailable(
          `${host} has no ${fileName} of ${repository} (answer ${status})`,
          `Check the address, or drop another checkpoint of this network here`,
        );
      }
      if (status === TOO_MANY_REQUESTS) {
        return unavailable(
          `${host} takes no more requests for now (answer ${status})`,
          `Wait some minutes and try again, or ${byHand}`,
        );
      }
      return unavailable(`${host} failed (answer ${status})`, `Try again later, or ${byHand}`);
    },
    notAHub: () =>
      unavailable(
        `${host} answered, but not as a hub does; it may have sent a page of its own, such as one to sign in`,
        `Check the address and try again, or ${byHand}`,
      ),
    noSuchFile: () =>
      unavailable(
        `${repository} on ${host} has no ${fileName}`,
        'Check the address, or drop another checkpoint of this network here',
      ),
    noChecksum: () =>
      unavailable(
        `${host} names no checksum for ${fileName} of ${repository}, so nobody could see whether it came whole`,
        `Try another address, or ${byHand}`,
      ),
    tooLarge: (sizeBytes: number) =>
      unavailable(
        `${fileName} of ${repository} is ${formatSize(sizeBytes)}, and files up to ${formatSize(mostBytes)} are read here, so it was not fetched`,
        'Choose a smaller network',
      ),
    noFileServer: () =>
      unavailable(
        `${host} sends ${fileName} from another server, which could not be reached`,
        `Check the connection and try again, or ${byHand}`,
      ),
    broken: (doneBytes: number, sizeBytes: number) =>
      unavailable(
        `The connection to ${host} broke again and again, the last time after ${formatSize(doneBytes)} of ${formatSize(sizeBytes)}`,
        `Check the connection and try again, or ${byHand}`,
      ),
    otherSize: (sizeBytes: number) =>
      damaged(`What ${host} sent is not the ${formatSize(sizeBytes)} that it says ${fileName} has`),
    otherChecksum: () =>
      damaged(`What ${host} sent is not the ${fileName} that it describes: its checksum is another one`),
  };
}
