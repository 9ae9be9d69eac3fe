/** In the place of engine.io's WebTransport in the browser's bundle: the server doesn't offer it. */
export const WT = undefined;
