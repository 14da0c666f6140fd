// The head of the pictures worth a look: which class or tag they are of.

interface GalleryHeadProps {
  /** As a person calls one: 'class' and 'classes', or 'tag' and 'tags'. */
  readonly word: string;
  readonly words: string;
  readonly names: readonly string[];
  /** Null for all of them. */
  readonly chosen: number | null;
  readonly onChoose: (index: number | null) => void;
}

const ALL = 'all';

export function GalleryHead({ word, words, names, chosen, onChoose }: GalleryHeadProps) {
  return (
    <div className="blockHead">
      <h2 id="galleries-title">Pictures worth a look</h2>
      <label className="galleryClass">
        <span>{`${word.charAt(0).toUpperCase()}${word.slice(1)}`}</span>
        <select
          data-testid={`gallery-${word}`}
          value={chosen ?? ALL}
          onChange={({ target }) => onChoose(target.value === ALL ? null : Number(target.value))}
        >
          <option value={ALL}>all {words}</option>
          {names.map((name, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
