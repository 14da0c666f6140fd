// @ts-check
// The text that travels with the sample: who drew what, under which licence, and what was done to it.

/**
 * @param {readonly import('./drawingSets.mjs').DrawingSet[]} sets
 * @param {readonly import('./drawingPlan.mjs').PlannedPicture[]} plan
 * @returns {string} Markdown
 */
export function writeSourcesText(sets, plan) {
  const sections = sets.map((set) => {
    const pictures = plan.filter((picture) => picture.setId === set.id);
    const classes = [...new Set(pictures.map((picture) => picture.className))];
    const lines = classes.map((className) => {
      const things = pictures.filter((picture) => picture.className === className).map((picture) => picture.thing);
      return `- ${className}: ${things.join(', ')}`;
    });
    return [
      `## ${set.name}`,
      '',
      `- Author: ${set.author}`,
      `- Project: ${set.projectUrl}`,
      `- Taken from: npm package ${set.packageName} ${set.packageVersion}`,
      `- Licence: ${set.licence.title} (${set.licence.spdx}), ${set.licence.url}`,
      `- Used for: ${pictures[0]?.split === 'train' ? 'training' : 'validation'}, ${pictures.length} drawings`,
      '',
      ...lines,
      '',
    ].join('\n');
  });
  return [
    '# Sources of the sample drawings',
    '',
    'Every picture is one drawing of the sets below, unchanged but for this: it was turned from SVG into PNG and put on a',
    'white square with a small border. Each picture stays under the licence of the set it comes from; the file name says',
    'which set that is. Training and validation use different sets, so no drawing is in both.',
    '',
    ...sections,
  ].join('\n');
}
