import { asFailure } from '../../client/failure';
import { attemptJson, object, oneOf, text } from '../../client/shape';
import type { Storage } from '../../client/storage';
import type { ClientMessages } from '../../protocol/live';

export type CloseReport = ClientMessages['web_view_close'];

/** Closings that the server must hear of, also when the tab dies or the line is down meanwhile. */
export type CloseQueue = {
  /** On disk from now on; on the wire with the next `flush`. */
  add(report: CloseReport): void;
  /** The log says so already. */
  settle(webViewId: string): void;
  flush(): Promise<void>;
};

const Report = object<CloseReport>({
  web_view_id: text,
  owner: text,
  reason: oneOf('page', 'customer', 'replaced', 'blocked'),
});

export function createCloseQueue(options: {
  storage: Storage;
  prefix: () => string;
  send: (report: CloseReport) => Promise<unknown>;
}): CloseQueue {
  const { storage, send, prefix } = options;
  let flushing: Promise<void> | undefined;

  function reports(): CloseReport[] {
    return storage.keys(prefix()).flatMap((key) => {
      const report = attemptJson(Report, storage.get(key));
      if (!report) storage.remove(key);
      return report ? [report] : [];
    });
  }
  async function sendAll(): Promise<void> {
    for (const report of reports()) {
      const failure = await send(report).then(() => undefined, asFailure);
      // Not ours any more, or gone: what was to be said is said.
      if (!failure || failure.isFinal) storage.remove(prefix() + report.web_view_id);
    }
  }
  return {
    add: (report) => storage.set(prefix() + report.web_view_id, JSON.stringify(report)),
    settle: (webViewId) => storage.remove(prefix() + webViewId),
    flush() {
      flushing ??= sendAll().finally(() => {
        flushing = undefined;
      });
      return flushing;
    },
  };
}
