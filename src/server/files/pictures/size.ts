import { limits } from '../../../protocol/limits';
import { refused } from '../bytes';

export type Size = { width: number; height: number };

/** What is learned of a picture without decoding it: its size, and where it ends when something stands behind it. */
export type Picture = Size & { end: number };

/** Pixels of all frames of a moving picture together, as a multiple of what one may have. */
const allFrames = 20;

/** @throws GuichetError FILE_REFUSED for a picture that would cost too much to show, or that has no size */
export function checkedSize({ width, height }: Size): Size {
  if (width < 1 || height < 1) throw refused(`The picture has no size: ${width} × ${height} pixels.`);
  if (width > limits.imageSide || height > limits.imageSide)
    throw refused(`The picture is ${width} × ${height} pixels; a side may have ${limits.imageSide}.`);
  if (width * height > limits.imagePixels)
    throw refused(`The picture is ${width} × ${height} pixels; it may have ${limits.imagePixels} in all.`);
  return { width, height };
}

/** Counts the frames of a moving picture. @throws GuichetError FILE_REFUSED */
export function frameCounter(): (size: Size) => void {
  let frames = 0;
  let pixels = 0;
  return ({ width, height }) => {
    frames += 1;
    pixels += width * height;
    if (frames > limits.gifFrames) throw refused(`The picture moves with more than ${limits.gifFrames} frames.`);
    if (pixels > limits.imagePixels * allFrames)
      throw refused(`The frames of the picture have more than ${limits.imagePixels * allFrames} pixels together.`);
  };
}
