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
      const answer = await view.submit({ last4: '1234' }, { summary: 'done', idempotencyKey: 'key-of-mine' });
      if (!answer.accepted) for (const { path, message } of answer.errors) console.error(path?.length, message.length);
      const height: number = await view.resize(300);
      const bottom: number = view.context.safe_area.bottom;
      const brand: string | undefined = view.context.theme['--guichet-brand'];
      const code: string | undefined = view.code;
      view.ready();
      view.setTitle(\`\${height} \${bottom} \${brand} \${code}\`);
      view.setDirty(true);
      await view.saveState({ step: 2 });
      view.announce('Saved');
      view.openLink('https://bank.example/');
      const stop: () => void = view.on('update', (data) => console.log(data.step));
      view.on('contextChanged', ({ locale, direction, time_zone, contrast, reduced_motion }) => {
        console.log(locale, direction, time_zone, contrast, reduced_motion);
      });
      stop();
      view.close();
      export {};`);

    expect(said).toBe('');
  });

  it('tells a page of its mistakes', () => {
    const said = check(`
      const view = await connect({});
      await view.requestSize('huge');
      view.on('closed', () => {});
      view.context.token;
      view.setTitle(7);
      export {};`);

    expect(said).toMatch(/chatOrigins/);
    expect(said).toMatch(/"huge"/);
    expect(said).toMatch(/"closed"/);
    expect(said).toMatch(/'token'/);
    expect(said).toMatch(/'number' is not assignable to parameter of type 'string'/);
  });
});
