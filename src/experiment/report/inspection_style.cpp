#include "src/experiment/report/style.h"

namespace sublayer::experiment::reporting {

// --cell is the side of a cell in the large heat map: as the page allows, but never too small to hit; longer maps scroll.
std::string inspection_style() {
  return R"(:root{--tint:rgb(0 114 178/.17)}
@media (prefers-color-scheme:dark){:root{--tint:rgb(86 180 233/.24)}}
.inspection h1.long{max-width:60ch;font-size:1.25rem;font-weight:500;line-height:1.4;text-wrap:wrap}
.inspection header .provenance{margin:1rem 0 0}
.inspection tbody th{min-width:0}
.piece{padding:.05em .3em;border-radius:.2em;background:var(--wash);white-space:pre}
.tokens th,.tokens td{padding:.22rem .9rem .22rem 0;vertical-align:middle;white-space:nowrap}
.tokens .norm{min-width:5.4rem;padding:.22rem .6rem .22rem .4rem;
background:linear-gradient(90deg,var(--tint) calc(100%*var(--part)),transparent 0) 0/calc(100% - .25rem) 100% no-repeat}
.tokens thead th.number{padding-right:.6rem}
.tokens thead th:nth-child(-n+3){padding-right:.9rem}
.attention{position:relative}
.attention h3{margin-bottom:.6rem}.attention>p{margin:0 0 .8rem;font-size:.95rem}
.pictures{display:flex;flex-wrap:wrap;align-items:flex-start;gap:1.2rem 2.5rem}
.pictures>*{min-width:0;max-width:100%}
.pictures .scroll{margin:0}
.heads{display:grid;grid-template-columns:max-content repeat(var(--heads),clamp(1.9rem,calc((100vw - 8rem)/var(--heads)),4rem));
gap:.3rem;align-items:center;padding:3px;
font:.75rem/1.2 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:var(--soft)}
.layer-name{grid-column:1;padding-right:.4rem;max-width:9rem;overflow-wrap:anywhere}.head-name{text-align:center}
.head{display:block;min-width:0;margin:0;padding:1px;border:1px solid var(--rule);border-radius:2px;background:none;cursor:pointer}
.head:hover{border-color:var(--soft)}
.head[aria-pressed=true]{border-color:var(--ink);box-shadow:0 0 0 1px var(--ink)}
.head:focus-visible,.cells:focus-visible{outline:2px solid var(--s2);outline-offset:2px}
.head canvas{display:block;width:100%;height:auto;min-height:.5rem;max-height:8rem}
.attention canvas{color:var(--s1);image-rendering:pixelated}
.chosen{margin:0 0 .5rem;font:600 .84rem/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.chosen span{font-weight:400;color:var(--soft);overflow-wrap:anywhere}
.map{--cell:clamp(.72rem,calc((min(100vw,70rem) - 13rem)/var(--keys)),1.5rem);position:relative;display:inline-grid;
grid-template-columns:auto calc(var(--cell)*var(--keys));gap:.25rem;padding:2px;
font:min(.78rem,calc(var(--cell)*.92))/1 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:var(--soft)}
.corner{position:sticky;left:0;z-index:1;align-self:end;justify-self:end;padding-right:.3rem;background:var(--paper);font-size:.68rem;
line-height:1.35;white-space:pre;text-align:right}
.map bdi{display:block;overflow:hidden;text-overflow:ellipsis;white-space:pre}
.map bdi[hidden],.cells i[hidden]{display:none}.map bdi.on{color:var(--ink);background:var(--tint)}
.keys{display:flex;align-items:flex-end}
.keys bdi{width:var(--cell);max-height:6.5rem;line-height:var(--cell);writing-mode:vertical-rl;text-align:end}
.queries{position:sticky;left:0;z-index:1;background:var(--paper)}
.queries bdi{height:var(--cell);max-width:7rem;padding-right:.3rem;line-height:var(--cell);text-align:right}
.cells{position:relative;align-self:start;line-height:0;outline-offset:1px;box-shadow:0 0 0 1px var(--rule);cursor:crosshair}
.cells canvas{display:block;width:calc(var(--cell)*var(--keys));height:calc(var(--cell)*var(--queries))}
.cells i{position:absolute;width:var(--cell);height:var(--cell);border:1.5px solid var(--ink);pointer-events:none}
.attention .tip{width:max-content;white-space:pre-wrap;overflow-wrap:anywhere}
.attention .tip b{font-weight:600}
svg.weights{max-width:20rem;margin:0 0 1.5rem}
.weight{fill:var(--s1);stroke:var(--rule)}
.step{margin:0 0 .8rem}
.step summary{margin-bottom:.3rem}
.beam{margin:0;padding:0;list-style:none;border-top:1px solid var(--rule);counter-reset:row}
.beam>li{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,2fr);gap:.3rem 1.4rem;max-width:none;padding:.45rem 0;
border-bottom:1px solid var(--rule);
font:.84rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
.prefix{display:flex;justify-content:space-between;gap:.6rem;min-width:0}.prefix div{min-width:0;overflow-wrap:anywhere}
.beam b{font-weight:650}
.next{display:grid;grid-template-columns:repeat(auto-fill,minmax(7rem,1fr));gap:.3rem .6rem;margin:0;padding:0;list-style:none}
.next li{display:flex;align-items:flex-start;font-size:.8rem;justify-content:space-between;gap:.3rem;min-width:0;padding:0 0 4px;
background:linear-gradient(90deg,var(--s1) calc(100%*var(--part)),var(--rule) 0) bottom/100% 3px no-repeat}
.next .piece{min-width:0;padding:0;background:none;white-space:pre-wrap;overflow-wrap:anywhere}
.next span{color:var(--soft)}
.next .followed{font-weight:650}.next .followed span{color:var(--ink)}
@media (max-width:48rem){.beam>li{grid-template-columns:1fr}}
@media (max-width:34rem){.keys bdi{max-height:4.5rem}.queries bdi{max-width:4.5rem}
.map{--cell:clamp(.72rem,calc((100vw - 8rem)/var(--keys)),1.5rem)}
.next{grid-template-columns:repeat(auto-fill,minmax(8rem,1fr))}}
)";
}

}  // namespace sublayer::experiment::reporting
