/** In the place of engine.io's transports that are never used (WebTransport, which the server doesn't offer) or come later (`polling.ts`). */
export const WT = undefined;
export const XHR = undefined;
export const Fetch = undefined;
