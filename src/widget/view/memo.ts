import { Component, type ComponentChild, type FunctionComponent, h } from 'preact';

/** Draws again only when a prop is another one, or a signal that it reads changed. */
export function memo<P extends object>(Inner: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as P;
      const keys = Object.keys(next) as (keyof P)[];
      return keys.length !== Object.keys(now).length || keys.some((key) => next[key] !== now[key]);
    }
    override render(props: P): ComponentChild {
      return h(Inner as FunctionComponent, props);
    }
  }
  return Memo as never;
}
