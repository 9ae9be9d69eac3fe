import type { Plural } from '../en';

/** Texts of pictures, GIFs, video and sound. */
export const en = {
  enlarge: 'Enlarge: {name}',
  enlargePicture: 'Enlarge the picture',
  picture: 'Picture',
  pictureOf: 'Picture {n} of {count}',
  loadingPicture: 'The picture is loading',
  pictureBroken: 'The picture can’t be shown',
  again: 'Load again',
  pauseGif: 'Pause GIF',
  playGif: 'Play GIF',
  close: 'Close',
  openTab: 'Open in a new tab',
  zoomIn: 'Actual size',
  zoomOut: 'Fit into the window',
  next: 'Next picture',
  previous: 'Previous picture',
  video: 'Video',
  audio: 'Audio',
  videoBroken: 'The video can’t be played',
  audioBroken: 'The sound can’t be played',
} satisfies Record<string, string | Plural>;
