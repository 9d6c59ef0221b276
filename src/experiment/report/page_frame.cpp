#include "src/experiment/report/page_frame.h"

#include "src/experiment/report/escape.h"

namespace sublayer::experiment::reporting {

std::string page_head(const std::string& title, const std::string& style) {
  // The policy makes the browser refuse any request, whatever the texts of an experiment may hold.
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src "
         "'unsafe-inline'; img-src data:\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n<title>" +
         escape_html(title) + "</title>\n<style>\n" + style + "</style>\n</head>\n";
}

std::string page_section(const std::string& id, const std::string& heading, const std::string& content) {
  return "<section aria-labelledby=\"" + id + "\">\n<h2 id=\"" + id + "\">" + heading + "</h2>\n" + content + "</section>\n";
}

}  // namespace sublayer::experiment::reporting
