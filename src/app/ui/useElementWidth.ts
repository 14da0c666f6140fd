// Measures an element's width and follows it; charts are drawn to fit.

import { type RefObject, startTransition, useEffect, useRef, useState } from 'react';

/** @returns a ref for the element and its width in CSS pixels, 0 until it is measured. */
export function useElementWidth<ElementType extends HTMLElement>(): [RefObject<ElementType | null>, number] {
  const ref = useRef<ElementType>(null);
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => startTransition(() => setWidthPx(Math.floor(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, widthPx];
}
