import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository, repositoryFiles } from './sources';

// Written backwards, or this file would be its own find.
const backwards = (text: string) => [...text].reverse().join('');
const registries = [
  'gro.sjmpn.yrtsiger',
  'moc.gkpnray.yrtsiger',
  'moc.rorrimmpn.yrtsiger',
  'gro.naibed.bed',
  'gro.naibed.ytiruces',
].map(backwards);
const machinePath = new RegExp(
  `(?<![\\w.~-])/(${['home', 'Users'].join('|')})/[\\w.-]+/|(?<![\\w.~-])/(${['work', 'root'].join('|')})/`,
);

/** What the text names that belongs to one machine or one network. */
const strangers = (text: string): string[] => [
  ...registries.filter((host) => text.includes(host)),
  ...(machinePath.exec(text)?.slice(0, 1) ?? []),
];

describe('what is in the repository', () => {
  const texts = repositoryFiles().flatMap((file): [string, string][] => {
    const bytes = readFileSync(join(repository, file), { flag: 'r' });
    return bytes.includes(0) ? [] : [[file, bytes.toString('utf8')]];
  });

  it('names no package registry and no path of a machine', () => {
    const finds = texts.flatMap(([file, text]) => strangers(text).map((found) => `${file}: ${found}`));

    expect(texts.length).toBeGreaterThan(10);
    expect(finds).toEqual([]);
  });

  it('would notice both', () => {
    const planted = [
      ...registries.map((host) => `fetched from ${host}/x`),
      `see ${['', 'home', 'ann', 'notes.md'].join('/')}`,
      `"${['', 'work', 'main'].join('/')}"`,
      `cd ${['', 'root', 'x'].join('/')}`,
    ];

    expect(planted.filter((text) => strangers(text).length === 0)).toEqual([]);

    const harmless = [
      ['https://x.test', 'work', 'item'],
      ['e2e', 'root', 'file'],
      ['.', 'home', 'ann', ''],
    ].map((parts) => parts.join('/'));
    expect(harmless.flatMap(strangers)).toEqual([]);
  });
});

describe('the browser specs', () => {
  it('take `test` from e2e/support/browser, never from Playwright, whose browser has other defaults', () => {
    const specs = repositoryFiles().filter((file) => /^e2e\/.*\.spec\.ts$/.test(file));
    const straight = specs.filter((file) => {
      const imports = readFileSync(join(repository, file), 'utf8').matchAll(
        /^import (?!type )\{([^}]*)\} from '@playwright\/test'/gm,
      );
      return [...imports].some(([, names]) => /\btest\b/.test(names ?? ''));
    });

    expect(specs.length).toBeGreaterThan(0);
    expect(straight).toEqual([]);
  });
});

describe('the tests', () => {
  /** `toMatchObject` takes a pattern for an object without properties of its own, which any value has. */
  const patternsInObjects = (text: string): string[] =>
    [...text.matchAll(/\.toMatchObject\(.*?\)(?=[;,]?\n|;|$)/gs)]
      .map(([call]) => call.replace(/stringMatching\(\/.*?\/[a-z]*\)/g, ''))
      .flatMap((call) => call.match(/[:,[(]\s*\/[^/*\n][^\n]*?\/[a-z]*\s*[,}\])]/g) ?? []);

  it('put no pattern into toMatchObject, where it matches anything: expect.stringMatching does what it says', () => {
    const tests = repositoryFiles().filter((file) => /\.(?:test|spec)\.tsx?$/.test(file));
    const finds = tests.flatMap((file) =>
      patternsInObjects(readFileSync(join(repository, file), 'utf8')).map((found) => `${file} ${found}`),
    );

    expect(tests.length).toBeGreaterThan(100);
    expect(finds).toEqual([]);
  });

  it('would be noticed', () => {
    const call = ['expect(a).toMatch', 'Object('].join('');
    const planted = [
      `${call}{ ok: false, d: /8192/ });`,
      `await ${call.replace('(a)', '(a).rejects')}{\n  code: 'x',\n  message: /at (most)/i,\n});`,
      `${call}[/a/]);`,
    ];
    const harmless = [
      `${call}{ d: expect.stringMatching(/8192/) });`,
      `${call}{ d: 'a/b/c', e: 4 / 2 / 1 });\nexpect(b).toHaveText([/x/]);`,
    ];

    expect(planted.filter((text) => patternsInObjects(text).length !== 1)).toEqual([]);
    expect(harmless.flatMap(patternsInObjects)).toEqual([]);
  });
});

describe('the lock file', () => {
  type Locked = Partial<Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>>;
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync(join(repository, 'package-lock.json'), 'utf8'),
  );

  it('has the packages for every platform, not only for the one that it was made on: else npm ci refuses it', () => {
    const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const missing = Object.entries(packages).flatMap(
      ([path, { dependencies, optionalDependencies, devDependencies }]) =>
        Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
          .filter((name) => !names.has(name))
          .map((name) => `${name}, wanted by ${path || 'us'}`),
    );

    expect(missing).toEqual([]);
  });

  it('names only exact versions in what it was made from', () => {
    const { '': ours } = packages;

    expect(
      Object.values({ ...ours?.dependencies, ...ours?.devDependencies }).filter((version) => !/^\d/.test(version)),
    ).toEqual([]);
  });
});
