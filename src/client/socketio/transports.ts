/// <reference path="./engineTransports.d.ts" />
import { WS } from 'engine.io-client/transports/websocket';

/** In the place of engine.io's table of transports in the browser's bundle. Polling is put into it when WebSocket doesn't get through. */
export const transports: Record<string, unknown> = { websocket: WS };
