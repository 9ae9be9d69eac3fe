import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buttonState } from './buttonState';
import { clampHeight, cleanSandbox } from './webViewRules';

test('whatever the server grants, a frame never gets top navigation, modals, downloads or pointer lock', () => {
  const granted =
    'ALLOW-SCRIPTS allow-forms  allow-same-origin allow-popups allow-top-navigation allow-modals allow-downloads allow-pointer-lock\nallow-top-navigation-by-user-activation';

  expect(cleanSandbox(granted)).toBe('allow-scripts allow-forms allow-same-origin allow-popups');
});

test('a height is finite and within the panel, whatever is asked for', () => {
  fc.assert(
    fc.property(fc.double(), fc.integer({ min: 0, max: 2_000 }), (wanted, most) => {
      const height = clampHeight(wanted, most);

      expect(height).toBeGreaterThanOrEqual(120);
      expect(height).toBeLessThanOrEqual(Math.max(120, most));
    }),
  );
});

describe('what a web view’s button offers', () => {
  const button = (once: boolean) => ({
    label: 'x',
    url: 'https://a.example',
    target: '_self' as const,
    web_view: { size: 'tall' as const, once, expires_in: 900, confirm_close_when_dirty: true },
  });
  const view = (more: object) => ({
    id: 'v',
    seq: 1,
    phase: 'closed' as const,
    submitted: false,
    reason: 'customer' as const,
    ...more,
  });

  test.each([
    ['opens at first', undefined, 'open'],
    ['goes on while it is open elsewhere', view({ phase: 'open', reason: undefined }), 'continue'],
    ['goes on when paused', view({ phase: 'paused', reason: undefined }), 'continue'],
    ['opens again when closed without a submit', view({}), 'open'],
    ['is done once submitted', view({ submitted: true, reason: 'submitted' }), 'done'],
  ])('it %s', (_, state, expected) => {
    expect(buttonState(state, button(true), 'assigned')).toBe(expected);
  });

  test('a view that may be opened more than once is never done', () => {
    expect(buttonState(view({ submitted: true }), button(false), 'assigned')).toBe('open');
  });

  test('a resolved conversation’s views are gone', () => {
    expect(buttonState(undefined, button(true), 'resolved')).toBe('gone');
  });
});
