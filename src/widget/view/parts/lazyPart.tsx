import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import { later } from '../later';

/**
 * A part that is seldom used comes in a download of its own, asked for when the first of its kind is shown. Until it is there
 * `Meanwhile` stands in its place: of the size that the part will have, so that nothing moves when it comes, and, once
 * `hasFailed` (the download failed and will be tried again), readable, so that nobody waits in front of nothing.
 *
 * @example const VideoPart = lazyPart(() => import('./video/VideoPart').then(({ VideoPart }) => VideoPart), VideoBox);
 */
export function lazyPart<P extends object>(
  fetch: () => Promise<FunctionComponent<P>>,
  Meanwhile: FunctionComponent<P & { hasFailed: boolean }>,
): FunctionComponent<P> {
  const coming = later(fetch);
  return function LazyPart(props: P) {
    const Part = coming.value.value;
    useEffect(coming.load, []);
    return Part ? <Part {...props} /> : <Meanwhile {...props} hasFailed={coming.hasFailed.value} />;
  };
}
