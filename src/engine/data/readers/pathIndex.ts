// Finds dropped pictures by what tables call them: with or without folders, suffix and capitals. Each look-up is a few
// steps however many files there are. A folder that both the table and the file name is never overruled.

export interface PathIndex {
  readonly paths: readonly string[];
  /**
   * Positions of the paths that the id can mean, the forms nearest to it alone: none, one, or several in ambiguity.
   * @param suffix such as '.jpg', added to ids that lack it; '' finds a picture whatever its suffix.
   */
  find(id: string, suffix: string): readonly number[];
}

const PICTURE_SUFFIX = /\.(jpe?g|png|gif|webp|bmp|avif|hei[cf]|tiff?)$/i;

export function withoutPictureSuffix(name: string): string {
  return name.replace(PICTURE_SUFFIX, '');
}

export function hasPictureSuffix(name: string): boolean {
  return PICTURE_SUFFIX.test(name);
}

/** @param paths of pictures, each once, with `/` between folders. */
export function indexPaths(paths: readonly string[]): PathIndex {
  const tidied = paths.map(tidy);
  const asWritten = collectKeys(tidied);
  let inLowerCase: Keys | undefined;
  return {
    paths,
    find(id, suffix) {
      for (const name of possibleNames(tidy(id), suffix)) {
        let found = findByParts(asWritten, name);
        if (found === undefined) {
          // Most tables write names as the files do and never need these.
          inLowerCase ??= collectKeys(tidied.map((path) => path.toLowerCase()));
          found = findByParts(inLowerCase, name.toLowerCase());
        }
        if (found !== undefined) return found;
      }
      return [];
    },
  };
}

interface Keys {
  /** Each path in full, with and without its suffix. */
  readonly whole: Map<string, number[]>;
  /** Each path's last parts: 'b/c.jpg' and 'c.jpg' of 'a/b/c.jpg', with and without suffix. */
  readonly ends: Map<string, number[]>;
}

function collectKeys(paths: readonly string[]): Keys {
  const keys: Keys = { whole: new Map(), ends: new Map() };
  paths.forEach((path, position) => {
    addKeys(keys, path, position);
    if (hasPictureSuffix(path)) addKeys(keys, withoutPictureSuffix(path), position);
  });
  return keys;
}

function addKeys({ whole, ends }: Keys, path: string, position: number): void {
  push(whole, path, position);
  push(ends, path, position);
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    push(ends, path.slice(slash + 1), position);
  }
}

function push(map: Map<string, number[]>, key: string, position: number): void {
  const positions = map.get(key);
  if (positions === undefined) map.set(key, [position]);
  else positions.push(position);
}

/** The names to look for, in order. A chosen suffix is believed; else a table may say .png where the file is a .jpg now. */
function possibleNames(id: string, suffix: string): string[] {
  if (suffix !== '') return [id.toLowerCase().endsWith(suffix.toLowerCase()) ? id : id + suffix];
  return hasPictureSuffix(id) ? [id, withoutPictureSuffix(id)] : [id];
}

/** The id is the end of a path, or a path is the end of the id (tables often begin with folders that were not dropped). */
function findByParts({ whole, ends }: Keys, name: string): readonly number[] | undefined {
  const found = (name.includes('/') ? whole.get(name) : undefined) ?? ends.get(name);
  if (found !== undefined) return found;
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
    const inFolder = whole.get(name.slice(slash + 1));
    if (inFolder !== undefined) return inFolder;
  }
  return undefined;
}

/** Windows' slashes become `/`, a start such as './' goes; an é is one character whether macOS wrote it as one or two. */
function tidy(path: string): string {
  return path
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '');
}
