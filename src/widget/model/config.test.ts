import { expect, test, vi } from 'vitest';
import { createConfig } from './config';

test('the page wins over the site, setting by setting within a group', () => {
  const config = createConfig({ name: 'AG Bank', texts: { placeholder: 'Write to us', resolved: 'Done' } });

  config.setPage({ texts: { placeholder: 'Ask' }, launcher: { label: 'Help' } });
  config.setPage({ launcher: { hidden: true } });

  expect(config.value.value).toEqual({
    name: 'AG Bank',
    texts: { placeholder: 'Ask', resolved: 'Done' },
    launcher: { label: 'Help', hidden: true },
  });
});

test('what is wrong or unknown is named and ignored; the loader’s own keys are neither', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const config = createConfig({ brand_color: '#0f6b5c' });

  config.setPage({
    site: 'ag-bank',
    identity: 'a.b.c',
    launcher_label: 'Chat',
    allow: 'camera',
    brandcolor: '#fff',
    brand_color: 'red; background: url(x)',
    texts: '{broken',
    position: 'start',
  });

  expect(config.value.value).toEqual({ brand_color: '#0f6b5c', position: 'start' });
  expect(warn.mock.calls.map(([line]) => String(line).split('"')[1])).toEqual(['brandcolor', 'brand_color', 'texts']);
  warn.mockRestore();
});
