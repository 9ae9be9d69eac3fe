/**
 * The launcher's sheet, written small, since every page pays for it. The corner is a bar over the bottom that lets clicks through; what is in it
 * stands at its end or start by the page's direction. System colours follow the corner's colour scheme and forced colours. The
 * rules stand in the order that compresses best, as far as the cascade lets them.
 */
export const styles = `i,span{display:inline-block;vertical-align:middle}
.start{align-items:start}
.open div{display:grid}
span:not(:empty){padding:0 8px;max-width:150px}
.open i{width:10px;height:10px;margin:10px 7px 14px;border-width:0 2px 2px 0;border-radius:0;rotate:45deg}
@keyframes rise{0%{opacity:0;translate:0 12px}}
button:hover{filter:brightness(1.1)}
button:active{scale:.96}
b{position:absolute;top:-6px;right:-6px;padding:0 7px;border-radius:20px;background:#c3271c;color:#fff;font-size:12px;line-height:21px}
:host{all:initial!important}
section,header,p{display:flex;align-items:end;gap:12px;margin:0}
section{position:fixed;z-index:2147483000;inset:auto 20px max(20px,env(safe-area-inset-bottom));flex-direction:column;font:14px/1.4 system-ui;pointer-events:none;color-scheme:light dark}
@media print{section{display:none}}
small{display:block;opacity:.7}
div{display:none;width:min(400px,100%);height:min(704px,100dvh - 118px);overflow:hidden}
button{all:unset;cursor:pointer;position:relative;padding:11px 16px;max-width:220px;overflow-wrap:anywhere}
div,button{background:Canvas;color:CanvasText;border-radius:20px;box-shadow:0 8px 40px #0004;outline:1px solid #8883;pointer-events:auto}
.start *{flex-direction:row-reverse}
@media(prefers-reduced-motion:no-preference){div,p button{animation:rise .16s ease-out}}
button:focus-visible{outline:3px solid #1a66ff;outline-offset:2px}
i{width:22px;height:20px;margin:6px 0;border:2px solid;border-radius:20px 20px 20px 4px}
::slotted(*){all:unset!important;width:100%!important;height:100%!important}
.full div{position:fixed;inset:0;width:auto;border-radius:0}
.hidden header,.full header,b:empty{display:none}`;
