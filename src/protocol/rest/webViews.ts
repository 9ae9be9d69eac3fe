import * as v from 'valibot';
import { CloseReason, ResultSource } from '../event';
import { limits } from '../limits';
import { ViewSize } from '../live';
import { boundedRecord, Id, Time } from '../parts';
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

export const webViewRoutes = {
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
    body: v.object(ResultFields),
    status: 200,
    answer: WebView,
  },
} as const satisfies Record<string, Route>;
