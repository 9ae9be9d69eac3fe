/** Single modules of the library, which it doesn't export by name: the browser's build finds them. */
declare module 'engine.io-client/transports/websocket' {
  export const WS: unknown;
}
declare module 'engine.io-client/transports/polling-xhr' {
  export const XHR: unknown;
}
