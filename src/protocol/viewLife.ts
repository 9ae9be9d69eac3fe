/**
 * The life of a web view: `offered → open ⇄ paused → closed`. Every step is an event of the log. The server takes a step only where this
 * table has one, and whoever folds the log goes where the table leads: so all stand where the server does.
 */
export type ViewPhase = 'offered' | 'open' | 'paused' | 'closed';

export type ViewStep = 'web_view_open' | 'web_view_pause' | 'web_view_update' | 'web_view_submit' | 'web_view_close';

const running = ['open', 'paused'] as const;

/** From where each step may come. */
export const stepFrom: Record<ViewStep, readonly ViewPhase[]> = {
  web_view_open: ['offered', 'paused'],
  web_view_pause: ['open'],
  web_view_update: running,
  web_view_submit: running,
  web_view_close: running,
};

/** Where it leads; with the others the view stays where it is. */
export const stepTo: { readonly [step in ViewStep]?: Exclude<ViewPhase, 'offered'> } = {
  web_view_open: 'open',
  web_view_pause: 'paused',
  web_view_close: 'closed',
};
