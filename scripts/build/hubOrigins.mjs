// @ts-check
// Where weights may be fetched from when a person presses the button for it: the public hub, and mirrors that whoever serves the studio names in
// WINDOWBOX_HUBS, with spaces between. Node built-ins only.

/** The hub hands files on to storage hosts of its own. */
const PUBLIC_HUB = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co'];
/** An origin as a content policy takes it: nothing that could end the directive or widen it to every host. */
const HTTPS_ORIGIN = /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i;
const ORIGIN_ON_THIS_COMPUTER = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** The variable's text as it stands, to tell one build from another. */
export function namedMirrors() {
  return process.env.WINDOWBOX_HUBS ?? '';
}

/**
 * @param {string} named origins with spaces between
 * @returns {string[]} sources for `connect-src`
 * @throws {Error} with a sentence, for anything that is no origin
 */
export function hubOrigins(named) {
  const mirrors = named.split(/\s+/).filter((word) => word !== '');
  const stranger = mirrors.find((mirror) => !HTTPS_ORIGIN.test(mirror) && !ORIGIN_ON_THIS_COMPUTER.test(mirror));
  if (stranger !== undefined) {
    throw new Error(
      `WINDOWBOX_HUBS names “${stranger}”, which is no origin such as https://mirror.example or http://localhost:8080. Nothing was built; mend the variable and run the same command again.`,
    );
  }
  return [...PUBLIC_HUB, ...mirrors];
}
