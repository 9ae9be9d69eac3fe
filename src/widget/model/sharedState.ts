import { attempt, count, flag, object, record, type Shape, text } from '../../client/shape';
import type { TabChannel } from '../../client/tabs/tabWorld';

/**
 * What the tabs of one customer have in common beside the conversation. It is told live and owed to nobody: a tab that comes later
 * reads what is on disk and on the server. The version is part of the channel's name, so that tabs of two deploys don't hear each other.
 */
export type SharedState = {
  /** Who has the same customer; undefined for nobody. */
  join(customer: string | undefined): void;
  tell<K extends keyof Told>(what: K, value: Told[K]): void;
  /** Lets go of the channel (bfcache, freezing), until `resume`. */
  pause(): void;
  resume(): void;
};
export type Told = {
  draft: { text: string };
  /** Everything up to that seq has been looked at. */
  seen: { conversation_id: string; up_to: number };
  panel: { open: boolean };
};

const version = 1;
const shapes: { [K in keyof Told]: Shape<Told[K]> } = {
  draft: object<Told['draft']>({ text }),
  seen: object<Told['seen']>({ conversation_id: text, up_to: count }),
  panel: object<Told['panel']>({ open: flag }),
};

export function createSharedState(
  openChannel: ((name: string) => TabChannel) | undefined,
  nameOf: (customer: string) => string,
  hear: { [K in keyof Told]: (value: Told[K]) => void },
): SharedState {
  let channel: TabChannel | undefined;
  let name: string | undefined;

  function close(): void {
    channel?.close();
    channel = undefined;
  }
  function open(): void {
    if (channel || !name) return;
    try {
      channel = openChannel?.(name);
    } catch {
      return; // The browser doesn't let this document: it is on its own.
    }
    if (!channel) return;
    channel.onmessage = ({ data }) => {
      const message = attempt(record, data);
      for (const what of Object.keys(shapes) as (keyof Told)[]) {
        const value = attempt(shapes[what] as Shape<never>, message?.[what]);
        if (value !== undefined && channel) hear[what](value);
      }
    };
  }
  return {
    join(customer) {
      const next = customer === undefined ? undefined : `${nameOf(customer)}:${version}`;
      if (next === name) return;
      close();
      name = next;
      open();
    },
    tell(what, value) {
      channel?.postMessage({ [what]: value });
    },
    pause: close,
    resume: open,
  };
}
