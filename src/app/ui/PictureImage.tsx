// One picture from the person's own files; the engine draws those that the browser does not show, as TIFFs. Its object URL lives only as
// long as the picture is on screen.

import { useContext, useEffect, useState } from 'react';
import { ActionsContext } from '../panels/actionsContext.ts';
import { useStudio } from '../store/studio.ts';
import { toPictureFile } from './toPictureFile.ts';

interface PictureImageProps {
  readonly path: string;
  readonly description: string;
}

/** Of its shorter side: sharp in a viewer, small in memory. */
const drawnPx = 512;

type Painter = 'browser' | 'engine' | 'nobody';

export function PictureImage({ path, description }: PictureImageProps) {
  const file = useStudio((state) => state.files.get(path));
  const showPicture = useContext(ActionsContext)?.showPicture;
  const [address, setAddress] = useState<string | null>(null);
  const [failed, setFailed] = useState<{ readonly file: Blob; readonly next: Painter } | null>(null);
  const painter: Painter = file && failed?.file === file ? failed.next : 'browser';

  useEffect(() => {
    if (!file || painter === 'nobody') return;
    let url: string | null = null;
    let isGone = false;
    const show = (picture: Blob) => {
      if (isGone) return;
      url = URL.createObjectURL(picture);
      setAddress(url);
    };
    if (painter === 'browser') show(file);
    else {
      const drawn = showPicture?.(file, drawnPx) ?? Promise.resolve(null);
      const asFile = drawn.then((picture) => picture && toPictureFile(picture));
      void asFile.then((picture) => (picture ? show(picture) : setFailed({ file, next: 'nobody' })));
    }
    return () => {
      isGone = true;
      setAddress(null);
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [file, painter, showPicture]);

  if (!file || painter === 'nobody')
    return <span className="noPicture">{file ? 'cannot be shown here' : 'picture not in the recording'}</span>;
  if (address === null) return <span className="noPicture" />;
  return (
    <img
      src={address}
      alt={description}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setFailed({ file, next: painter === 'browser' ? 'engine' : 'nobody' })}
    />
  );
}
