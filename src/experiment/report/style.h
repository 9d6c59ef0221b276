#pragma once

#include <string>

namespace sublayer::experiment::reporting {

std::string drawing_style();  // colours and marks of SVG drawings, also for one that stands alone
std::string page_style();     // type and layout of the page
std::string page_script();    // hovering and zooming of learning curves

std::string inspection_style();   // what the page of an inspection has beyond those
std::string inspection_script();  // attention as heat maps

}  // namespace sublayer::experiment::reporting
