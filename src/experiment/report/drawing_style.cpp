#include "src/experiment/report/style.h"

namespace sublayer::experiment::reporting {

// Colours: Okabe and Ito, "Color universal design" (2008), which people with a colour vision deficiency tell apart. The baseline has the
// ink. On dark paper the light blue goes first, since the dark one would hardly be seen.
std::string drawing_style() {
  return R"(:root{--paper:#fffefb;--ink:#1f1e1b;--soft:#6a675f;--rule:#dedad0;--wash:#f6f3ea;--margin:#e7efe9;--halo:#fffefb;
--s0:#1f1e1b;--s1:#0072b2;--s2:#d55e00;--s3:#009e73;--s4:#cc79a7;--s5:#e69f00;--s6:#56b4e9;--s7:#b8a800;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--paper:#17181a;--ink:#e7e4dc;--soft:#a09c92;--rule:#37383a;--wash:#212224;--margin:#23332c;
--halo:#17181a;
--s0:#e7e4dc;--s1:#56b4e9;--s2:#e8783a;--s3:#1fb98c;--s4:#d993b9;--s5:#e69f00;--s6:#3f8fd0;--s7:#f0e442}}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}
.s7{--c:var(--s7)}
.drawing{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:12px}
.drawing text{fill:var(--ink);font-variant-numeric:tabular-nums}
.drawing .tick,.drawing .side{fill:var(--soft);font-size:11px}.drawing .label{font-weight:500}.drawing .value{fill:var(--soft)}
.drawing .stratum{fill:var(--soft);font-size:11.5px;font-style:italic}.drawing .heading{font-size:15px;font-weight:600}
.drawing .halo{paint-order:stroke;stroke:var(--halo);stroke-width:4px;stroke-linejoin:round}
.middle{text-anchor:middle}.end{text-anchor:end}
.paper{fill:var(--paper)}.margin{fill:var(--margin)}
.axis{stroke:var(--soft);stroke-width:1}.grid{stroke:var(--rule);stroke-width:1}.zero{stroke:var(--ink);stroke-width:1;stroke-dasharray:1 2}
.interval{stroke:var(--c);stroke-width:2}.estimate{fill:var(--c)}.clipped{fill:var(--soft)}
.seed{fill:var(--c);fill-opacity:.8;stroke:var(--halo);stroke-width:.7}.mean{stroke:var(--c);stroke-width:2}
.pair{fill:none;stroke:var(--soft);stroke-opacity:.45;stroke-width:.8}
.curve,.lost{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.curve{stroke-linecap:round}.curve[stroke-dasharray]{stroke-linecap:butt}
.lost{stroke-width:1;stroke-dasharray:1 3;stroke-linecap:round}.band{fill:var(--c);fill-opacity:.13}
.dot{stroke-width:9;stroke-linecap:round;stroke-dasharray:none}.lost.dot{stroke-width:6;stroke-opacity:.5}
.length-line,.profile-line,.swatch{fill:none;stroke:var(--c);stroke-width:2}.length,.profile,.length-swatch{fill:var(--c)}
.profile{stroke:transparent;stroke-width:7;pointer-events:all}.profile-range{stroke:var(--c);stroke-width:6;stroke-opacity:.25}
.cursor{stroke:var(--ink);stroke-width:1;stroke-opacity:.5}.selection{fill:var(--ink);fill-opacity:.08;stroke:var(--soft)}
)";
}

}  // namespace sublayer::experiment::reporting
