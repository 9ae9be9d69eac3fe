import type { Disk } from '../../client/disk';
import type { Live, LiveOptions } from '../../client/live';
import type { OutboxOptions } from '../../client/outbox';
import type { Rest } from '../../client/rest';
import type { Storage } from '../../client/storage';
import type { TabChannel } from '../../client/tabs/tabWorld';
import type { SiteInfo } from '../../protocol/theme';
import type { WebViews, WebViewsOptions } from './webViews';

/** What the model needs of the world around it; everything else it knows by itself. */
export type Surroundings = {
  site: SiteInfo;
  origin: string;
  storage: Storage;
  rest: Rest;
  openLive: (options: LiveOptions) => Live;
  newId: () => string;
  loadWebViews: (options: WebViewsOptions) => Promise<WebViews>;
  /** A channel to the other tabs of this browser; absent where there is none. */
  openChannel?: ((name: string) => TabChannel) | undefined;
  height: number;
  isVisible: boolean;
  /** Where the outbox is kept; in `storage` when absent. */
  disk?: Disk;
  /** By which tabs take turns and hear each other; each is by itself when absent. */
  locks?: OutboxOptions['locks'];
  channel?: OutboxOptions['channel'];
};
