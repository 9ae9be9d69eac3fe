type Size = { width?: number | undefined; height?: number | undefined };

const most = { width: 260, height: 320 };

/** A picture's own shape, within what the log has room for; where the shape is unknown, four by three. */
export function boxOf({ width = 0, height = 0 }: Size, unknown = '4 / 3'): { inlineSize: string; aspectRatio: string } {
  if (!width || !height) return { inlineSize: `${most.width}px`, aspectRatio: unknown };
  const scale = Math.min(1, most.width / width, most.height / height);
  // A line one pixel high could not be hit.
  const shape = Math.min(Math.max(width / height, 0.2), 6);
  return { inlineSize: `${Math.max(least, Math.round(width * scale))}px`, aspectRatio: `${shape}` };
}
/** Of a film whose shape is unknown. */
export const filmShape = '16 / 9';
/** Pixels: room for a finger, and for the button of a GIF. */
const least = 72;
