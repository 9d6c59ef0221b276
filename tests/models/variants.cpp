#include "tests/models/variants.h"

#include "models/activation/activation.h"
#include "models/block/block.h"
#include "models/position/position.h"

namespace sublayer::test {
namespace {

// `where` is YAML with $ in the place of the variant's name.
template <class Kind>
void add(std::vector<Variant>& list, const std::string& where, const std::string& note = "") {
  for (const auto& name : Registry<Kind>::instance().names()) {
    std::string yaml = where;
    yaml.replace(yaml.find('$'), 1, name);
    list.push_back({std::string(Kind::kind) + " " + name + note, yaml});
  }
}

}  // namespace

std::vector<Variant> all_variants() {
  std::vector<Variant> list;
  add<activation::Activation>(list, "layer: {feed_forward: {type: dense, activation: $}}");
  add<feed_forward::FeedForward>(list, "layer: {feed_forward: $}");
  add<attention::Attention>(list, "layer: {attention: $}");
  add<position::Position>(list, "position: $");
  add<block::Block>(list, "layer: {block: $}");
  for (const auto& residual : Registry<residual::Residual>::instance().names()) {
    add<norm::Norm>(list, "layer: {residual: " + residual + ", norm: $}", " under residual " + residual);
  }
  return list;
}

std::string laid_over(const std::string& base, const std::string& over) {
  return config::to_yaml(config::merge(config::parse_text(base, "base"), config::parse_text(over, "over")));
}

}  // namespace sublayer::test
