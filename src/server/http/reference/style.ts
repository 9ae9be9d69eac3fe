/** The page's whole style: the widget's colours and grid, both schemes, one column on a phone. */
export const style = `
:root{color-scheme:light;--s:#fff;--raise:#f4f6f7;--line:#e3e7ea;--text:#12181c;--muted:#56626b;--brand:#0f6b5c;--soft:#e3f2ee;--on:#0b5b4e;--code:#f4f6f7;--k:#0b5b4e;--str:#8a3b12;--num:#6b3fa0;--get:#0b5b4e;--post:#1a56c4;--put:#8a5a00;--del:#b3261e;--focus:#1a66ff}
@media (prefers-color-scheme:dark){:root{color-scheme:dark;--s:#15191d;--raise:#1d2227;--line:#2d343b;--text:#eef2f4;--muted:#a2adb6;--brand:#4cc8b0;--soft:#17342f;--on:#7fdcc8;--code:#1d2227;--k:#7fdcc8;--str:#f0b48a;--num:#c9a9f5;--get:#7fdcc8;--post:#8fb4ff;--put:#f2cf8a;--del:#ff9c93;--focus:#7aa7ff}}
*{box-sizing:border-box}
html{scroll-padding-top:24px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--s);color:var(--text);font:15px/1.5 ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}
code,pre,.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono',monospace;font-size:13px}
a{color:var(--on);text-underline-offset:2px}
a:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
h1,h2,h3,h4,p{margin:0}
.skip{position:absolute;left:16px;top:-48px;padding:8px 12px;border-radius:8px;background:var(--brand);color:var(--s)}
.skip:focus{top:12px}
.page{display:grid;grid-template-columns:280px minmax(0,1fr);max-width:1440px;margin:0 auto}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:24px 16px 48px 24px;border-right:1px solid var(--line)}
.name{display:flex;gap:12px;align-items:center;margin-bottom:24px}
.mark{display:grid;place-items:center;width:36px;height:36px;border-radius:12px;background:var(--brand);color:var(--s);font-weight:700}
.name b{display:block;font-size:16px;line-height:20px}
.name span span{color:var(--muted);font-size:12px}
nav ul{list-style:none;margin:0;padding:0}
nav .topic{display:block;margin-top:20px;padding:4px 8px;font-weight:600;font-size:13px;color:var(--text);text-decoration:none}
nav li li a{display:flex;gap:8px;align-items:baseline;padding:4px 8px;border-radius:8px;color:var(--muted);text-decoration:none;font-size:13px;line-height:18px}
nav a:hover{background:var(--raise);color:var(--text)}
nav .m{flex:0 0 40px;font-size:10px;text-align:right}
main{padding:40px 40px 96px;min-width:0}
h1{font-size:30px;line-height:36px;letter-spacing:-.01em}
.lead{margin-top:8px;color:var(--muted);max-width:68ch}
h2{margin-top:72px;padding-top:24px;border-top:1px solid var(--line);font-size:22px;line-height:28px}
h2+p{margin-top:4px;color:var(--muted);max-width:68ch}
.start{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:16px;margin-top:24px}
.start>div,.shape-card{border:1px solid var(--line);border-radius:14px;padding:16px}
.start h3{font-size:15px}
.start p{margin-top:4px;font-size:13px;line-height:20px;color:var(--muted)}
.op{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,6fr);gap:16px 32px;margin-top:40px}
.op>header{grid-column:1/-1}
.op h3{font-size:16px;line-height:24px}
.op h3 a,.shape-card h3 a{color:inherit;text-decoration:none}
.op h3 a:hover{text-decoration:underline}
.line{display:flex;flex-wrap:wrap;gap:4px 8px;align-items:baseline;margin-top:4px}
.path{overflow-wrap:anywhere}
.m{font:600 12px/16px ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--muted)}
.GET{color:var(--get)}.POST{color:var(--post)}.PUT,.PATCH{color:var(--put)}.DELETE{color:var(--del)}
.scope{padding:2px 8px;border-radius:999px;background:var(--soft);color:var(--on);font-size:12px;line-height:16px}
.about{font-size:13px;color:var(--muted)}
.op .about:not(:empty){margin-bottom:12px}
table{width:100%;border-collapse:collapse;margin:0 0 20px;font-size:13px;line-height:20px}
caption{padding:0 0 4px;text-align:start;font-weight:600;font-size:13px}
.shape{font-size:13px;margin:0 0 16px}
tbody tr{border-top:1px solid var(--line)}
tbody th{width:42%;padding:8px 12px 8px 0;text-align:start;vertical-align:top;font-weight:400;overflow-wrap:anywhere}
td{padding:8px 0;vertical-align:top;overflow-wrap:anywhere}
td p{color:var(--muted)}
.req,.opt{display:block;color:var(--muted);font-size:12px;line-height:16px}
.bounds{color:var(--muted)}
pre{margin:4px 0 16px;padding:12px 16px;border:1px solid var(--line);border-radius:12px;background:var(--code);line-height:20px;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2}
pre code{font-size:12px;line-height:18px}
h4{font-size:12px;line-height:16px;color:var(--muted);font-weight:600}
.k{color:var(--k)}.s{color:var(--str)}.n{color:var(--num)}
.req{color:var(--del)}
.errors{display:flex;flex-wrap:wrap;gap:4px 12px;margin-top:4px;font-size:13px}
.errors a{color:var(--muted)}
.shapes{columns:380px;column-gap:16px;margin-top:24px}
.shape-card{break-inside:avoid;margin-bottom:16px}
.shape-card>:last-child{margin-bottom:0}
.shape-card h3{margin-bottom:8px;font-size:15px}
.shape-card>p{margin-bottom:8px;font-size:13px;color:var(--muted)}
.list{margin-top:16px}
:target{scroll-margin-top:16px}
.op>header{position:relative}
.op:target>header::before{content:'';position:absolute;inset:2px auto 0 -16px;width:4px;border-radius:2px;background:var(--brand)}
.shape-card:target{border-color:var(--brand);box-shadow:0 0 0 1px var(--brand)}
.up{display:none}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (max-width:1080px){.op{grid-template-columns:minmax(0,1fr)}}
@media (max-width:820px){
.page{display:block}
nav{position:static;height:auto;padding:20px 16px 0;border:0}
nav ul ul{display:none}
nav>ul{display:flex;flex-wrap:wrap;gap:8px}
nav .topic{margin:0;padding:10px 14px;border:1px solid var(--line);border-radius:999px;line-height:20px}
.name{margin-bottom:16px}
main{padding:28px 16px 96px}
h1{font-size:26px;line-height:32px}
h2{margin-top:56px}
tbody th{width:44%}
.up{display:block;position:fixed;inset-inline-end:16px;bottom:calc(16px + env(safe-area-inset-bottom));padding:10px 16px;border-radius:999px;background:var(--brand);color:var(--s);font-weight:600;font-size:13px;line-height:24px;text-decoration:none;box-shadow:0 8px 24px rgb(0 0 0/.24)}
}
@media print{nav,.up,.skip{display:none}.page{display:block}}
`.trim();
