/** Which module imports what, read from the sources; and which of that the layout forbids. */
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { repository, repositoryFiles } from './sources';

/** For each folder, the folders of ours that it may import besides itself. `*` is any. */
export const arrows: Record<string, readonly string[]> = {
  'src/protocol': [],
  'src/channel': [],
  'src/loader': ['src/channel', 'src/protocol'],
  'src/client': ['src/protocol'],
  'src/widget': ['src/client', 'src/channel', 'src/protocol'],
  'src/webview': ['src/channel', 'src/protocol'],
  'src/server': ['src/protocol'],
  demo: [],
};

/** The packages that a folder may import, where that is limited. Node's own count as `node:`. */
export const packages: Record<string, readonly string[]> = {
  'src/protocol': ['valibot'],
  'src/channel': [],
  'src/loader': [],
  'src/client': ['valibot', 'socket.io-client', 'engine.io-client'],
  'src/widget': ['preact', '@preact/signals', 'valibot', 'dompurify'],
  'src/webview': [],
};

export interface Import {
  from: string;
  to: string;
}

/** What a source says after `from`, in `import '…'`, `import('…')` or in JSDoc-free text of an HTML script tag; an address that is made where it runs is none. */
const specifiers = (text: string): string[] => {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"`])((?!\$\{)[^'"`\n]+)\1/g;
  return [...code.matchAll(pattern)].map(([, , specifier]) => specifier ?? '');
};

/** Whether a file is the program and not one of its tests. */
const isProgram = (file: string) => /^(src|demo)\/.*\.(ts|tsx|js)$/.test(file) && !/\.test\.tsx?$/.test(file);

/** Every import that the program makes, with relative ones resolved to a path in the repository. */
export const importsOf = (file: string, text: string): Import[] =>
  specifiers(text).map((specifier) => ({
    from: file,
    to: specifier.startsWith('.') ? posix.normalize(posix.join(dirname(file), specifier)) : specifier,
  }));

export const programImports = (): Import[] =>
  repositoryFiles()
    .filter(isProgram)
    .flatMap((file) => importsOf(file, readFileSync(join(repository, file), 'utf8')));

const folderOf = (path: string) =>
  Object.keys(arrows).find((folder) => path === folder || path.startsWith(`${folder}/`));

/** Why an import is against the layout, or undefined if it is not. */
export function fault({ from, to }: Import): string | undefined {
  const folder = folderOf(from);
  if (!folder) return `${from} is in no folder that the layout knows`;
  const said = `${from} imports ${to}`;
  if (!/^(src|demo|scripts|e2e|public|dist)(\/|$)/.test(to)) {
    const allowed = packages[folder];
    const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : to.split('/')[0];
    const isFine = !allowed || allowed.includes(name ?? '');
    return isFine ? undefined : `${said}: ${folder} may import ${allowed.join(', ') || 'no packages'}`;
  }
  if (/(^|\/)main(\.tsx?)?$/.test(to)) return `${said}: nothing imports a main`;
  const target = folderOf(to);
  if (target === folder || (target && arrows[folder]?.includes(target))) return undefined;
  return `${said}: ${folder} may import ${arrows[folder]?.join(', ') || 'nothing else of ours'}`;
}
