import { attempt } from './shape';

/** What the tabs of one customer tell each other. An open channel that is written to takes a page out of the back/forward cache: it is closed while the page is away. */
export type News<T> = {
  tell(news: T): void;
  open(): void;
  close(): void;
};

/** @param make gives nothing where tabs can't hear each other */
export function openNews<T>(make: () => BroadcastChannel | undefined, hear: (news: T) => void): News<T> {
  let channel: BroadcastChannel | undefined;
  const news: News<T> = {
    tell: (told) => channel?.postMessage(told),
    open() {
      if (channel) return;
      channel = attempt(make, undefined);
      if (channel) channel.onmessage = ({ data }) => hear(data as T);
    },
    close() {
      channel?.close();
      channel = undefined;
    },
  };
  news.open();
  return news;
}
