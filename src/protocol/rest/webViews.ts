import * as v from 'valibot';
import { ResultSource } from '../event';
import { limits } from '../limits';
import { boundedRecord, HttpUrl, Id, Time } from '../parts';
import { CloseReason, Mount, ViewSize } from '../webview';
import { type Route, text } from './route';

const ResultFields = {
  result: v.optional(boundedRecord(limits.webViewResult)),
  summary: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.summary))),
};

export const WebView = v.object({
  id: Id,
  conversation_id: Id,
  message_id: Id,
  button: v.number(),
  user_id: Id,
  url: v.string(),
  origin: v.string(),
  title: v.optional(v.string()),
  size: ViewSize,
  mount: Mount,
  strict: v.boolean(),
  permissions: v.array(v.string()),
  data: v.optional(v.record(v.string(), v.unknown())),
  state: v.picklist(['open', 'paused', 'closed']),
  opened_time: Time,
  expires_time: Time,
  closed_time: v.optional(Time),
  reason: v.optional(CloseReason),
  submitted: v.boolean(),
  summary: v.optional(v.string()),
  source: v.optional(ResultSource),
  /** Only for tokens with `web_views:results`. */
  result: v.optional(v.unknown()),
});
export type WebView = v.InferOutput<typeof WebView>;

/** Without a site: the only one there is. */
export const FrameCheckPost = v.object({ url: HttpUrl, site: v.optional(text(64)), mount: v.optional(Mount) });
/** Whether a page can be shown as a web view on a site. */
export const FrameCheck = v.object({
  url: v.string(),
  /** HTTP status of the page; absent when it could not be reached. */
  status: v.optional(v.number()),
  can_be_framed: v.boolean(),
  problems: v.array(
    v.object({
      code: v.picklist(['url_refused', 'not_reached', 'redirect', 'not_found', 'refused', 'open_to_all']),
      message: v.string(),
    }),
  ),
  /** The header line that would mend it, when something is to be mended. */
  add: v.optional(v.string()),
});
export type FrameCheck = v.InferOutput<typeof FrameCheck>;

export const webViewRoutes = {
  checkWebView: {
    method: 'post',
    path: '/web-views/check',
    scope: 'web_views:read',
    summary: "Look at a page's headers: can it be shown as a web view on a site?",
    body: FrameCheckPost,
    status: 200,
    answer: FrameCheck,
    storesNothing: true,
  },
  exchangeWebViewCode: {
    method: 'post',
    path: '/web-views/exchange',
    scope: 'web_views:read',
    summary: "Turn a page's one-time code into the view and its customer",
    body: v.object({ code: text(200) }),
    status: 200,
    answer: v.object({
      web_view_id: Id,
      conversation_id: Id,
      message_id: Id,
      user_id: Id,
      reference_id: v.optional(v.string()),
      origin: v.string(),
      data: v.optional(v.record(v.string(), v.unknown())),
    }),
  },
  getWebView: {
    method: 'get',
    path: '/web-views/{web_view_id}',
    scope: 'web_views:read',
    summary: 'Read a web view',
    status: 200,
    answer: WebView,
  },
  updateWebView: {
    method: 'patch',
    path: '/web-views/{web_view_id}',
    scope: 'web_views:write',
    summary: 'Change a running web view',
    body: v.object({
      data: v.optional(boundedRecord(limits.webViewData)),
      size: v.optional(ViewSize),
      title: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(limits.title))),
    }),
    status: 200,
    answer: WebView,
  },
  submitWebView: {
    method: 'post',
    path: '/web-views/{web_view_id}/submit',
    scope: 'web_views:write',
    summary: "Report the business's own result; the view closes",
    body: v.object({ ...ResultFields, result: boundedRecord(limits.webViewResult) }),
    status: 200,
    answer: WebView,
  },
  closeWebView: {
    method: 'post',
    path: '/web-views/{web_view_id}/close',
    scope: 'web_views:write',
    summary: 'Close a web view; with a result it is submitted first',
    body: v.pipe(
      v.object(ResultFields),
      v.check(({ result, summary }) => summary === undefined || result !== undefined, 'a summary only with a result'),
    ),
    status: 200,
    answer: WebView,
  },
} as const satisfies Record<string, Route>;
