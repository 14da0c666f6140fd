// One picture from the person's own files. Its object URL lives only as long as the picture is on screen.

import { useEffect, useState } from 'react';
import { useStudio } from '../store/studio.ts';

interface PictureImageProps {
  readonly path: string;
  readonly description: string;
}

export function PictureImage({ path, description }: PictureImageProps) {
  const file = useStudio((state) => state.files.get(path));
  const [address, setAddress] = useState<string | null>(null);
  const [isBroken, setIsBroken] = useState(false);
  useEffect(() => {
    if (!file) return;
    const url = URL.createObjectURL(file);
    setAddress(url);
    setIsBroken(false);
    return () => URL.revokeObjectURL(url);
  }, [file]);
  if (!file || isBroken)
    return <span className="noPicture">{file ? 'cannot be shown here' : 'picture not in the recording'}</span>;
  if (address === null) return <span className="noPicture" />;
  return (
    <img
      src={address}
      alt={description}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setIsBroken(true)}
    />
  );
}
