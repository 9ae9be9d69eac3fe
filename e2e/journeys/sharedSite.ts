import { type BuiltServer, startServer } from '../support/server';
import { type Business, openBusiness } from './business';
import { type HostPage, htmlPage, serveHostPage, tag } from './hostPage';

export type Pages = { at: (path: string, chat: string) => string };
export const plainPages: Pages = { at: (path, chat) => htmlPage(path === '/bare' ? '' : tag(chat)) };

/** A server without a bot and a site on it, whose pages each test chooses. */
export interface SharedSite {
  readonly server: BuiltServer;
  readonly desk: Business;
  readonly host: HostPage & { identityKey: { kid: string; secret: string } };
  /** From now on the host's paths show these. */
  show(pages: Pages): void;
  stop(): Promise<void>;
}

export async function startSharedSite(): Promise<SharedSite> {
  const server = await startServer({ GUICHET_LIMIT_UPLOADS_ADDRESS: '10000' });
  let shown = plainPages;
  const page = await serveHostPage((path) => shown.at(path, server.origin));
  const { identity_key } = await server.addSite({ hosts: [page.origin] });
  const desk = await openBusiness(server);
  return {
    server,
    desk,
    host: { ...page, identityKey: { kid: identity_key.kid, secret: identity_key.secret ?? '' } },
    show(pages) {
      shown = pages;
    },
    async stop() {
      await page.close();
      await desk.close();
      await server.stop();
    },
  };
}
