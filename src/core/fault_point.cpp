#include "src/core/fault_point.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "src/core/errors.h"

namespace sublayer {
namespace {

struct KillOrder {
  std::string name;
  int64_t count = 0;
};

std::optional<KillOrder> parse_kill_order(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view order = text;
  const size_t colon = std::min(order.rfind(':'), order.size());
  KillOrder parsed{std::string(order.substr(0, colon)), 0};
  const char* const end = order.data() + order.size();
  const char* const first = colon < order.size() ? order.data() + colon + 1 : end;
  const auto [stopped, error] = std::from_chars(first, end, parsed.count);
  if (parsed.name.empty() || error != std::errc() || stopped != end || parsed.count < 1) {
    throw ConfigError("SUBLAYER_KILL_AT: expected name:count, a count of at least 1, got '" + std::string(order) + "'");
  }
  return parsed;
}

}  // namespace

void fault_point(std::string_view name) {
  static const std::optional<KillOrder> order = parse_kill_order(std::getenv("SUBLAYER_KILL_AT"));
  static std::atomic<int64_t> passages{0};
  if (order && order->name == name && ++passages == order->count) std::raise(SIGKILL);
}

}  // namespace sublayer
