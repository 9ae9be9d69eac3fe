import { type Flags, readJson, required, requiredList, type Topic, UsageError } from '../words';

const webViewFlags = ['web-view-origin', 'web-view-permission', 'allow-host-mount', 'allow-host-origin'] as const;

export const siteTopic: Topic = {
  usage: `guichet site add ID --name NAME --host ORIGIN [--host …] [--web-view-origin ORIGIN …]
             [--web-view-permission NAME …] [--allow-host-mount] [--allow-host-origin]
             [--config FILE.json] [--replace]
guichet site set ID [--name NAME] [--host ORIGIN …] [--web-view-origin ORIGIN …] [--config FILE.json]
             [--web-view-permission NAME …]        "none" takes them away
             [--[no-]allow-host-mount] [--[no-]allow-host-origin]
             [--setting KEY=VALUE …]   one setting of the widget, such as brand_color=#0f6b5c or features.peek=false;
                                       KEY= takes it away
guichet site list
guichet site show ID
guichet site add-key ID                 a second identity key, to change over to
guichet site remove-key ID --kid KID`,
  phrases: {
    'site add': {
      id: 'a site id',
      takes: ['name', 'host', ...webViewFlags, 'config', 'replace'],
      input: (id, flags) => ({
        id,
        name: required(flags.name, '--name'),
        hosts: requiredList(flags.host, '--host'),
        ...webViewsIn(flags),
        replace: flags.replace ?? false,
        ...(flags.config ? { config: readJson(flags.config, '--config') } : {}),
      }),
    },
    'site set': {
      id: 'a site id',
      takes: ['name', 'host', ...webViewFlags, 'no-allow-host-mount', 'no-allow-host-origin', 'config', 'setting'],
      input: (id, flags) => ({ id, ...changesIn(flags) }),
    },
    'site list': { takes: [], input: () => ({}) },
    'site show': { id: 'a site id', takes: [], input: (id) => ({ id }) },
    'site add-key': { id: 'a site id', takes: [], input: (id) => ({ id }) },
    'site remove-key': {
      id: 'a site id',
      takes: ['kid'],
      input: (id, flags) => ({ id, kid: required(flags.kid, '--kid') }),
    },
  },
};

/** Which pages may open as web views, and what they may. */
function webViewsIn(flags: Flags): object {
  const { 'web-view-origin': origins, 'web-view-permission': permissions } = flags;
  const isAllowed = (name: 'host-mount' | 'host-origin') =>
    flags[`allow-${name}`] ? true : flags[`no-allow-${name}`] ? false : undefined;
  const settings = {
    web_view_origins: origins,
    web_view_permissions: permissions?.join() === 'none' ? [] : permissions,
    allow_host_mount: isAllowed('host-mount'),
    allow_host_origin: isAllowed('host-origin'),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function changesIn(flags: Flags): object {
  const file = flags.config ? readJson(flags.config, '--config') : {};
  const config = { ...(file as object), ...settingsIn(flags.setting ?? []) };
  const changes = {
    ...(flags.name ? { name: flags.name } : {}),
    ...(flags.host ? { hosts: flags.host } : {}),
    ...webViewsIn(flags),
    ...(Object.keys(config).length > 0 ? { config } : {}),
  };
  if (Object.keys(changes).length === 0)
    throw new UsageError(
      'Nothing to change: give --name, --host, --config, --setting or one of web views (guichet help).',
    );
  return changes;
}

/** `brand_color=#0f6b5c`, `features.peek=false`, `suggestions=[…]`; with nothing after the `=`, the setting goes. */
function settingsIn(words: string[]): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const word of words) {
    const [, name, key, text] = /^([a-z_]+)(?:\.([a-z_]+))?=([\s\S]*)$/.exec(word) ?? [];
    if (!name || text === undefined) throw new UsageError(`--setting ${word}: expected KEY=VALUE.`);
    const value = text === '' ? null : settingOf(text);
    config[name] = key ? { ...(config[name] as object | undefined), [key]: value } : value;
  }
  return config;
}

/** JSON where it is meant as such (`true`, `[…]`, `{…}`), else the words as they stand. */
function settingOf(text: string): unknown {
  if (!/^(?:true$|false$|[[{])/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--setting …=${text}: ${error instanceof Error ? error.message : error}`);
  }
}
