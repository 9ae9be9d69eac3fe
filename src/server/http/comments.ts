/** The protocol's files as text: they are put in when this is built. */
const sources = import.meta.glob<string>('../../protocol/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/**
 * What the protocol's own comments say: by the name of a schema (`Message`), and of a field of it (`Message.seq`). So that
 * what programmers read here and what the API's readers are told is one text.
 */
export function readComments(): Map<string, string> {
  const said = new Map<string, string>();
  for (const source of Object.values(sources)) {
    const chunks = source.split(/^(?=\/\*\*|(?:export )?(?:const|type|function) )/m);
    for (const [at, chunk] of chunks.entries()) {
      const name = /^export const (\w+)/.exec(chunk)?.[1];
      if (!name) continue;
      const before = chunks[at - 1] ?? '';
      if (before.startsWith('/**')) said.set(name, plain(before));
      for (const [, comment = '', field] of chunk.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+):/g))
        said.set(`${name}.${field}`, plain(comment));
    }
  }
  return said;
}

const plain = (comment: string) =>
  comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replace(/\n\s*\*\s?/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
