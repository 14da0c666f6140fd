// Pictures worth a look, of all classes or of one: where the network was most right, most wrong, most unsure.

import { memo, useMemo, useState } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import { toGridPicture } from '../charts/predictionPicture.ts';
import { type GalleryPicture, queryGalleries } from '../charts/results.ts';
import { useStudio } from '../store/studio.ts';
import type { GridPicture } from '../ui/gridPicture.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import { GalleryHead } from './GalleryHead.tsx';

export const ResultGalleries = memo(function ResultGalleries({ confusion }: { confusion: EventOf<'confusion'> }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const dataset = useStudio((state) => state.dataset);
  const { classes } = confusion.matrix;
  // Another data set may have fewer classes.
  const classIndex = chosen !== null && chosen < classes.length ? chosen : null;
  const galleries = useMemo(() => {
    const show = (one: GalleryPicture): GridPicture => {
      const picture = toGridPicture(one, classes, dataset);
      return one.loss === null
        ? picture
        : { ...picture, captions: [...picture.captions, `loss ${one.loss.toFixed(2)}`] };
    };
    return queryGalleries(confusion, classIndex).map(({ title, sentence, pictures }) => ({
      title,
      sentence,
      pictures: pictures.map(show),
    }));
  }, [confusion, classIndex, classes, dataset]);
  return (
    <section className="block galleries" aria-labelledby="galleries-title">
      <GalleryHead word="class" words="classes" names={classes} chosen={classIndex} onChoose={setChosen} />
      {galleries.map(({ title, sentence, pictures }) => (
        <div key={title} className="gallery">
          <h3>{title}</h3>
          <p className="muted">{sentence}</p>
          <PictureGrid pictures={pictures} label={title} />
        </div>
      ))}
    </section>
  );
});
