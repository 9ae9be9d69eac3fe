import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError, type GuichetApi } from '../guichetApi';
import { readCsv } from './csv';
import { type Customer, readCustomers } from './customers';
import { lockFolder, readJson, replaceFile } from './keeping';
import { type Put, putCustomer } from './putCustomer';

export type PushSettings = {
  api: GuichetApi;
  /** The server's address: a place in a file is good for one server only. */
  origin: string;
  file: string;
  /** Folder of `push.json`. */
  state: string;
  /** Lets a row with a reference take over a user who is known by the same e-mail only. */
  linkByEmail: boolean;
  say: (text: string) => void;
  /** Each row that was skipped, with its line. */
  tell: (text: string) => void;
};
export type Pushed = { [done in Put]: number } & { skipped: number };

/** Where a run stands. Every row before `rows` has been dealt with. */
type Place = { origin: string; digest: string; run: string; rows: number; done: Pushed };

const rowsBetweenSaves = 25;
const faultsOfTheRow = [400, 404, 409, 413];

/**
 * Brings the customers of a CSV file into Guichet: new ones are made, known ones changed where something differs. A row that
 * can't be used is named and skipped. After a crash it goes on at the last saved place; the few rows after it are done
 * again, which changes nothing.
 *
 * @throws CsvError, ApiError
 */
export async function push(settings: PushSettings): Promise<Pushed> {
  const { api, origin, file, state, say, tell } = settings;
  const unlock = await lockFolder(state, 'push');
  const placeFile = join(state, 'push.json');
  try {
    const digest = await digestOf(file);
    const kept = await readJson<Place>(placeFile);
    const goesOn = kept?.digest === digest && kept.origin === origin;
    const place: Place = goesOn
      ? kept
      : {
          origin,
          digest,
          run: randomUUID(),
          rows: 0,
          done: { created: 0, updated: 0, unchanged: 0, skipped: 0 },
        };
    if (goesOn) say(`Going on after ${place.rows} rows.`);
    // From the first row on, so that what is tried again after a crash has the same idempotency key.
    const save = () => replaceFile(placeFile, JSON.stringify(place));
    await save();

    let rows = 0;
    let unsaved = 0;
    for await (const read of readCustomers(readCsv(textOf(file)))) {
      if (rows++ < place.rows) continue;
      const outcome = 'fault' in read ? read : await tried(read.customer, `${place.run}-${rows}`);
      if (typeof outcome === 'string') {
        place.done[outcome]++;
      } else {
        place.done.skipped++;
        tell(`line ${read.line}: skipped: ${outcome.fault}`);
      }
      place.rows = rows;
      if (++unsaved >= rowsBetweenSaves) {
        await save();
        unsaved = 0;
      }
    }
    await rm(placeFile, { force: true });
    return place.done;
  } finally {
    await unlock();
  }

  async function tried(customer: Customer, key: string): Promise<Put | { fault: string }> {
    try {
      return await putCustomer(api, customer, { key, linkByEmail: settings.linkByEmail });
    } catch (error) {
      if (error instanceof ApiError && faultsOfTheRow.includes(error.status)) return { fault: error.message };
      throw error;
    }
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** As UTF-8, without the mark that some programs put before it. */
async function* textOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Buffer) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new Error(`${file} isn't text in UTF-8. Save it as "CSV UTF-8" and try again.`);
    }
  };
  for await (const chunk of createReadStream(file)) yield decode(chunk as Buffer);
  yield decode();
}
