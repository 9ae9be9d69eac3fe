/// <reference path="./engineTransports.d.ts" />
import { XHR } from 'engine.io-client/transports/polling-xhr';
import { transports } from './transports';

transports.polling = XHR;
