/** The bank's desk beside the hostile specs' own server: whoever answers reads what customers and bots wrote as well. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Frame, type Page } from '@playwright/test';
import { freePorts } from '../support/loopback';
import { startProgram } from '../support/program';
import type { World } from './world';

export interface DeskStage {
  /** For the server: it lets the desk's page call `/v2`. */
  readonly settings: Record<string, string>;
  begin(world: Omit<World, 'stop'>): Promise<void>;
  /** Signs an agent in and opens the customer's conversation up to its first message. */
  open(page: Page, customer: string): Promise<Frame>;
  end(): Promise<void>;
}

const scopes = [
  ...['conversations:read', 'conversations:write', 'messages:read', 'messages:write'],
  ...['users:read', 'agents:read', 'events:read', 'files:write'],
];

export async function deskStage(): Promise<DeskStage> {
  const port = await freePorts(1);
  const origin = `http://desk.localhost:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'guichet-desk-'));
  let running: ReturnType<typeof startProgram> | undefined;
  return {
    settings: { GUICHET_API_ORIGINS: origin },
    async begin(world) {
      const token = async (name: string) => {
        const { token: made, agent_id: agentId } = await world.server.createToken({ name, agent: true, scopes });
        return { token: made, agentId };
      };
      const tokens = JSON.stringify({ mira: await token('Mira Okafor'), jonas: await token('Jonas Lind') });
      const settings = { DESK_ORIGIN: origin, DESK_TOKENS: tokens, CHAT_ORIGIN: world.server.origin };
      running = startProgram('dist/demo/desk.js', [], settings, join(folder, 'output.log'));
      await running.line((line) => line || undefined);
    },
    async open(page, customer) {
      await page.goto(origin);
      const signIn = page.getByRole('button', { name: 'Sign in as Mira Okafor' });
      const rows = page.getByRole('region', { name: 'Conversations' }).locator('.row');
      await expect(signIn.or(rows).first()).toBeVisible();
      if (await signIn.isVisible()) await signIn.click();
      await page.getByRole('button', { name: /^All/ }).click();
      await rows.filter({ hasText: customer }).first().click();
      const log = page.getByRole('log');
      await expect(log.getByText('The end.', { exact: true }).first()).toBeVisible();
      await expect(async () => {
        const older = log.locator('button.older');
        if (await older.isVisible()) await older.click();
        await expect(log.getByText('The beginning.', { exact: true }).first()).toBeAttached({ timeout: 300 });
      }).toPass({ timeout: 60_000 });
      return page.mainFrame();
    },
    async end() {
      await running?.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
