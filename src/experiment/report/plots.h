#pragma once

#include "src/experiment/findings.h"

#include <string>

namespace sublayer::experiment::reporting {

// Figures of the page as HTML, drawn in SVG. Colours, fonts and the classes of marks are defined in drawing_style.cpp. A figure with
// nothing to show is a paragraph that says why.

std::string forest_figure(const Findings& findings);   // differences with intervals
std::string curve_figure(const Findings& findings);    // means and bands over updates
std::string seed_figure(const Findings& findings);     // each run's value
std::string length_figure(const Findings& findings);   // scores by source length; empty without any
std::string profile_figure(const Findings& findings);  // values of probes by depth; empty without any

// The drawing of forest_figure alone; empty without differences.
std::string forest_drawing(const Findings& findings, bool stands_alone);

std::string nothing_to_show(const std::string& why);

// The levels with their colours and dashes, and with their markers where a plot has any on its lines.
std::string legend(const Findings& findings, bool with_markers);

}  // namespace sublayer::experiment::reporting
