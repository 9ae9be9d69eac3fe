/**
 * The life of a web view: `offered → open ⇄ paused → closed`. Every step is an event of the log. The server takes a step only where this
 * table has one, and whoever folds the log goes where the table leads: so all stand where the server does.
 */
export type ViewPhase = 'offered' | 'open' | 'paused' | 'closed';

export type ViewStep = 'web_view_open' | 'web_view_pause' | 'web_view_update' | 'web_view_submit' | 'web_view_close';

const running = ['open', 'paused'] as const;

/** From where each step may come, and where it leads; without `to` the view stays where it is. */
export const viewLife: Record<ViewStep, { from: readonly ViewPhase[]; to?: Exclude<ViewPhase, 'offered'> }> = {
  web_view_open: { from: ['offered', 'paused'], to: 'open' },
  web_view_pause: { from: ['open'], to: 'paused' },
  web_view_update: { from: running },
  web_view_submit: { from: running },
  web_view_close: { from: running, to: 'closed' },
};
