// Pictures with tags that are worth a look, of all tags or of one: where it was missed, where it was added, where it was surest.

import { memo, useMemo, useState } from 'react';
import type { TagPrediction } from '../../protocol/training.ts';
import { toTagPicture } from '../charts/tagPicture.ts';
import { queryTagGalleries, type TagResult } from '../charts/tagQueries.ts';
import { useStudio } from '../store/studio.ts';
import { formatCount, formatPercent, formatThreshold } from '../ui/formatNumbers.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import { GalleryHead } from './GalleryHead.tsx';

export const TagGalleries = memo(function TagGalleries({ result }: { result: TagResult }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const dataset = useStudio((state) => state.dataset);
  const { classes } = result;
  // Another data set may have fewer tags.
  const tagIndex = chosen !== null && chosen < classes.length ? chosen : null;
  const galleries = useMemo(() => {
    const lead = (one: TagPrediction) =>
      tagIndex === null
        ? `loss ${one.loss.toFixed(2)}`
        : `${classes[tagIndex]} ${formatPercent(one.probabilities[tagIndex] ?? 0, 0)}`;
    return queryTagGalleries(result, tagIndex).map((gallery) => ({
      ...gallery,
      pictures: gallery.pictures.map((one) => toTagPicture(one, classes, dataset, [lead(one)])),
    }));
  }, [result, tagIndex, classes, dataset]);
  return (
    <section className="block galleries" aria-labelledby="galleries-title">
      <GalleryHead word="tag" words="tags" names={classes} chosen={tagIndex} onChoose={setChosen} />
      <p className="muted galleryNote">
        Tags under the pictures were given above {formatThreshold(result.score.threshold)}.
      </p>
      {galleries.map(({ title, sentence, pictures }) => (
        <div key={title} className="gallery">
          <h3>
            {title} <span className="muted numbers">{formatCount(pictures.length)}</span>
          </h3>
          <p className="muted">{sentence}</p>
          <PictureGrid pictures={pictures} label={title} captionLines={2} />
        </div>
      ))}
    </section>
  );
});
