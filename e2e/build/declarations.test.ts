import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from './sources';

/** The types that a business gets with the web view SDK, used outside of this repository. */
describe('webview.d.ts', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guichet-types-'));
    copyFileSync(join(repository, 'dist/client/webview.d.ts'), join(folder, 'webview.d.ts'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the compiler says of a page's code. */
  function check(code: string): string {
    writeFileSync(join(folder, 'page.ts'), `import { connect, type View } from './webview';\n${code}`);
    const options = [
      '--strict',
      '--noEmit',
      '--target',
      'es2022',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
    ];
    const compiler = join(repository, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, '--types', '', 'page.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout;
  }

  it('needs no other file, and lets a page be written', () => {
    const said = check(`
      const view: View = await connect({ chatOrigins: 'https://chat.example' });
      const size: 'compact' | 'tall' | 'full' = await view.requestSize('tall');
      const scheme: 'light' | 'dark' = view.context.color_scheme;
      view.on('closing', ({ reason, deadline }) => ({ reason, deadline, size, scheme }));
      const answer = await view.submit({ last4: '1234' }, { summary: 'done' });
      if (!answer.accepted) console.error(answer.errors.length);
      export {};`);

    expect(said).toBe('');
  });

  it('tells a page of its mistakes', () => {
    const said = check(`
      const view = await connect({});
      await view.requestSize('huge');
      view.on('closed', () => {});
      view.context.token;
      export {};`);

    expect(said).toMatch(/chatOrigins/);
    expect(said).toMatch(/"huge"/);
    expect(said).toMatch(/"closed"/);
    expect(said).toMatch(/'token'/);
  });
});
