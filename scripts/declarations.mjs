/**
 * Types of the web view SDK in one file that needs no other: dist/client/webview.d.ts, beside webview.mjs.
 *
 * The compiler writes a file for each source. What those take from the protocol is inferred from schemas there, so it
 * is asked to spell these types out, which it does for the type of a copied object.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from './process.mjs';

const spelledOut = `
import type { ToPage, ViewContext } from '../../src/protocol/webview';
declare const viewContext: ViewContext;
declare const closing: ToPage['closing'];
export const ViewContextSpelled = { ...viewContext };
export const ClosingSpelled = { ...closing };
`;

/** @param {string} folder a folder to work in, two below the repository @param {string} target the file to write */
export async function writeDeclarations(folder, target) {
  await mkdir(folder, { recursive: true });
  const spelledFile = join(folder, 'spelled.ts');
  const config = join(folder, 'tsconfig.json');
  await writeFile(spelledFile, spelledOut);
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.browser.json'),
      compilerOptions: { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: 'out' },
      files: [join(root, 'src/webview/sdk.ts'), spelledFile],
      include: [],
    }),
  );
  // Faults of types are told by the check of types; declarations come out all the same.
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler, '-p', config], { stdio: 'ignore' });

  const out = (/** @type {string} */ file) => readFile(join(folder, 'out', file), 'utf8');
  const [sdk, view, spelled] = await Promise.all([
    out('src/webview/sdk.d.ts'),
    out('src/webview/view.d.ts'),
    out(`${folder.slice(root.length)}/spelled.d.ts`),
  ]);
  const shape = (/** @type {string} */ name) => {
    const [, type] = new RegExp(`export declare const ${name}Spelled: (\\{[\\s\\S]*?^\\});`, 'm').exec(spelled) ?? [];
    if (!type) throw new Error(`the compiler did not spell out ${name}:\n${spelled}`);
    return type;
  };
  const statements = [
    `/** How the chat looks, and what its customer prefers. */\nexport type ViewContext = ${shape('ViewContext')};`,
    ...publicStatements(view).filter((statement) => /^export type \w/m.test(statement)),
    ...publicStatements(sdk),
  ];
  await writeFile(target, `${statements.join('\n').replaceAll("ToPage['closing']", shape('Closing'))}\n`);
  await rm(folder, { recursive: true });
}

/** What a declaration file declares itself, with the comments; not what it imports or passes on. @param {string} text */
function publicStatements(text) {
  /** @type {string[]} */
  const statements = [];
  let statement = '';
  for (const line of text.split('\n')) {
    statement += statement ? `\n${line}` : line;
    // Nested lines are indented, and lines of comments begin with a space.
    if (!/^\S.*;$/.test(line)) continue;
    if (!/^(import\b|export (type )?\{)/m.test(statement)) statements.push(statement);
    statement = '';
  }
  return statements;
}
