import type { Uploads } from './files/files';
import type { KnownFraming } from './frameCheck/known';
import type { Hub } from './live/hub';
import type { Store } from './store/store';

/** What every rule is handed: no rule reaches for a clock, chance, or a database of its own. */
export type World = {
  store: Store;
  hub: Hub;
  /** Milliseconds since 1970. */
  now: () => number;
  newId: () => string;
  /** This installation's id, as v2 has it on each resource. */
  appId: string;
  /** The origin that browsers see. */
  origin: string;
  /** Undefined when this server takes no files. */
  uploads: Uploads | undefined;
  framing: KnownFraming;
};

export const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();
