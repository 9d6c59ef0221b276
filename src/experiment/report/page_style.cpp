#include "src/experiment/report/style.h"

namespace sublayer::experiment::reporting {

std::string page_style() {
  return R"(*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:70rem;padding:clamp(1.5rem,5vw,4rem) clamp(1rem,4vw,3rem) 4rem;
font:1.0625rem/1.55 "Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L","Book Antiqua",Georgia,serif;overflow-wrap:break-word}
p,dl,li,figcaption{max-width:42rem}
header{margin-bottom:2.5rem}
.name{margin:0 0 .4rem;color:var(--soft);font-size:.9rem;letter-spacing:.04em}
h1{margin:0;max-width:38ch;font-size:clamp(1.6rem,1.2rem + 2vw,2.4rem);line-height:1.2;font-weight:600;text-wrap:balance}
h2{margin:3.5rem 0 1rem;padding-top:.9rem;border-top:1px solid var(--rule);font-size:1.3rem;line-height:1.3;font-weight:600}
header+section h2{margin-top:0}
h3{margin:1.4rem 0 .4rem;font-size:1rem;font-weight:600;font-style:italic}
.panel h3{margin:.2rem 0 .3rem}
.summary{font-size:1.15rem}
.nothing{color:var(--soft);font-style:italic}
ul.verdicts{list-style:none;margin:0 0 1.5rem;padding:0}
ul.verdicts li{margin:.55rem 0;padding-left:.9rem;border-left:3px solid var(--rule)}
ul.verdicts li.better{border-color:var(--s1)}ul.verdicts li.worse{border-color:var(--s2)}ul.verdicts li.equivalent{border-color:var(--s3)}
table,.legend,.tip,button,.config,.profiles h4,.provenance dd,.outputs dt,.outputs dd{
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.scroll{overflow-x:auto;max-width:100%;margin:1rem 0;scrollbar-width:thin}
table{border-collapse:collapse;font-size:.84rem;line-height:1.35;font-variant-numeric:tabular-nums lining-nums;
border-top:1.5px solid var(--ink);
border-bottom:1.5px solid var(--ink)}
th,td{padding:.38rem .9rem .38rem 0;text-align:left;vertical-align:baseline;max-width:24rem}
th:last-child,td:last-child{padding-right:.2rem}
thead th{border-bottom:1px solid var(--ink);font-weight:600;vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:500;min-width:7rem}
td.number,td.short{white-space:nowrap}.number{text-align:right!important}
tbody tr.group th{padding-top:.8rem;font-weight:400;font-style:italic;color:var(--soft);max-width:none}
tr.group span{position:sticky;left:0}
tbody tr+tr.group th{border-top:1px solid var(--rule)}
td.verdict{white-space:nowrap}
td.better,td.worse,td.equivalent{font-weight:600}
td.better::before,td.worse::before,td.equivalent::before{display:inline-block;width:.55rem;height:.55rem;margin-right:.45rem;content:""}
td.better::before{background:var(--s1);border-radius:50%}
td.worse::before{background:var(--s2)}
td.equivalent::before{background:var(--s3);transform:rotate(45deg) scale(.85)}
td.baseline{color:var(--soft)}
figure{margin:1.2rem 0 2rem}
figcaption{margin-top:.6rem;color:var(--soft);font-size:.9rem;line-height:1.45}
svg.drawing{display:block;width:100%;height:auto}
.forest svg.drawing{max-width:40rem}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1.4rem 1.8rem}
.seeds .panels>:only-child,.lengths .panels>:only-child{max-width:34rem}
.panels:has(>:only-child){grid-template-columns:1fr}
.panels:has(>:nth-child(2):last-child){grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr))}
.alone .panels{max-width:48rem}
.panel{position:relative;min-width:0}
.panels>:not(:only-child) .drawing{font-size:13.5px}.panels>:not(:only-child) .drawing .tick,.panels>:not(:only-child) .drawing .side{
font-size:12.5px}
.profiles .legend{position:sticky;top:0;z-index:1;max-height:30vh;overflow:auto;padding:.4rem 0;background:var(--paper)}
.profiles h4{margin:.2rem 0 .3rem;font-size:.84rem;font-weight:500;line-height:1.35;overflow-wrap:anywhere}
.small-multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1rem 2.6rem;margin-bottom:1.4rem}
.small-multiples .panel{max-width:34rem}
.moments{display:grid;grid-template-columns:1fr 1fr;gap:.6rem 1rem}
.single .small-multiples{grid-template-columns:repeat(auto-fill,minmax(min(50% - .5rem,14rem),1fr));column-gap:1rem}
.single .moments{grid-template-columns:1fr}
.moments .drawing,.moments .drawing .tick,.moments .drawing .side{font-size:11.5px}
.curve-panel svg.drawing{cursor:crosshair;touch-action:pan-y;user-select:none;-webkit-user-select:none}
.curve-panel svg.drawing:focus-visible{outline:2px solid var(--s1);outline-offset:2px}
.curve-panel button{position:absolute;top:0;right:0;padding:.1rem .6rem;border:1px solid var(--rule);border-radius:1rem;
background:var(--paper);
color:var(--soft);font-size:.75rem;cursor:pointer}
.curve-panel button:hover{color:var(--ink);border-color:var(--soft)}
.tip{position:absolute;z-index:1;pointer-events:none;padding:.4rem .6rem;border:1px solid var(--rule);border-radius:.3rem;
background:var(--paper);
box-shadow:0 2px 8px rgb(0 0 0/.12);font-size:.75rem;line-height:1.45;font-variant-numeric:tabular-nums;white-space:nowrap;max-width:100%}
.tip[hidden],button[hidden]{display:none}
.tip div{overflow:hidden;text-overflow:ellipsis}
.tip i{display:inline-block;width:.6rem;height:.6rem;margin-right:.4rem;border-radius:50%;background:var(--c)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:0 0 .8rem;padding:0;list-style:none;font-size:.84rem;max-width:none}
.legend li{display:flex;align-items:baseline;min-width:0;overflow-wrap:anywhere;column-gap:.35em}
.legend svg{flex:none;width:34px;height:14px;margin-right:.1rem;align-self:center}.legend small{color:var(--soft);font-size:inherit}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1.2rem 2.4rem}
.card{min-width:0;padding-top:.6rem;border-top:1px solid var(--rule)}
.card h3{margin:0 0 .3rem;font-style:normal}
.card p{margin:.2rem 0;font-size:.95rem}
.config{margin:.3rem 0;padding:0;list-style:none;font-size:.82rem;line-height:1.45}
.config li{padding-left:1rem;text-indent:-1rem}
.confound::before{content:"\26a0\fe0e\a0"}
.soft{color:var(--soft)}
.outputs{margin:0 0 1.6rem;padding-top:.7rem;border-top:1px solid var(--rule);display:grid;
grid-template-columns:minmax(6rem,max-content) 1fr;gap:.25rem 1.2rem;
font-size:.9rem;max-width:54rem}
.outputs dt,.provenance dt{color:var(--soft)}.outputs dd,.provenance dd{margin:0;min-width:0;overflow-wrap:anywhere}
.outputs dt{overflow-wrap:anywhere;max-width:20rem}
.provenance{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.2rem 1.4rem;font-size:.9rem;max-width:none}
.provenance dd{font-size:.84rem}
details summary{cursor:pointer;color:var(--soft);font-style:italic}
footer{margin-top:4rem;color:var(--soft);font-size:.85rem}
@media (max-width:34rem){
.outputs,.provenance{grid-template-columns:1fr;gap:.1rem}.outputs dd,.provenance dd{margin-bottom:.5rem}
tbody tr:not(.group) th{max-width:9.5rem;overflow-wrap:anywhere}
.forest .drawing{font-size:14.5px}.forest .drawing .tick,.forest .drawing .side{font-size:13.5px}.drawing .stratum{font-size:14px}
.alone .drawing .tick,.alone .drawing .side{font-size:19px}
.moments .drawing,.moments .drawing .tick,.moments .drawing .side{font-size:14.5px}}
@media (min-width:64rem){.panels:has(>:nth-child(2):last-child)>* .drawing{font-size:11.5px}
.panels:has(>:nth-child(2):last-child)>* .drawing .tick,.panels:has(>:nth-child(2):last-child)>* .drawing .side{font-size:10.5px}}
@media print{body{max-width:none;padding:0;font-size:10pt}.scripted,button,.tip{display:none}figure,.card{break-inside:avoid}.scroll{
overflow:visible}}
)";
}

}  // namespace sublayer::experiment::reporting
