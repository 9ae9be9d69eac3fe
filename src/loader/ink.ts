/**
 * Black or white: whatever can be read on `#rgb` or `#rrggbb`, at least 4.5:1 on any colour (https://www.w3.org/TR/WCAG22/#contrast-minimum).
 * A plain power stands for sRGB's curve: with this threshold it's near enough, as the test of all colours shows.
 */
export function inkOn(color: string): string {
  const [red, green, blue] = (color.match(color.length > 4 ? /\w\w/g : /\w/g) as string[]).map(
    (hex) => (parseInt(hex, 16) / 16 ** hex.length) ** 2.2,
  ) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}
