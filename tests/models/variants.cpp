#include "tests/models/variants.h"

#include <algorithm>

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
    // Without a norm activations grow with the parameters, until softmax lets nothing through; a small slope of tanh makes them vanish.
    const auto set_deviation = [&](const std::string& norm, double deviation) {
      const auto name = "norm " + norm + " under residual " + residual;
      std::find_if(list.begin(), list.end(), [&](const auto& variant) { return variant.name == name; })->deviation = deviation;
    };
    set_deviation("none", 0.1);
    set_deviation("dynamic_tanh", 0.7);
  }
  for (const auto& residual : Registry<residual::Residual>::instance().names()) {
    for (const std::string gain : {"scalar", "vector"})
      list.push_back(
          {"branch gain " + gain + " under residual " + residual, "layer: {residual: " + residual + ", branch: {gain: " + gain + "}}"});
  }
  for (const std::string options :
       {"scale: none", "key_value_heads: 1", "query_key_norm: rms_norm", "gate: head", "gate: element", "soft_cap: 0.5"})
    list.push_back({"attention " + options, "layer: {attention: {" + options + "}}"});
  for (const std::string options : {"embedding: {norm: layer_norm}", "embedding: {output_scale: inverse_sqrt_d_model}",
                                    "encoder: {share_layers: true}", "decoder: {share_layers: true}"})
    list.push_back({options, options});
  list.push_back({"attention window: 1", "layer: {self_attention: {window: 1}}"});
  for (const std::string position :
       {"{type: sinusoidal, order: halves}", "{type: rotary, share: 0.5, cross: false}",
        "{type: relative_bias, shared: false, buckets: 4, max_distance: 3}", "{type: relative_keys, max_distance: 2}"})
    list.push_back({"position " + position, "position: " + position});
  for (const std::string norm : {"{type: layer_norm, gain: false}", "{type: layer_norm, bias: false}", "{type: rms_norm, gain: false}",
                                 "{type: dynamic_tanh, gain: false, bias: false}"})
    list.push_back({"norm " + norm, "layer: {norm: " + norm + "}"});
  return list;
}

std::shared_ptr<Seq2SeqModel> small_model(const Variant& variant, const std::string& base) {
  return small_model(laid_over(base, variant.yaml), {11, 11, true}, 1, variant.deviation);
}

std::string laid_over(const std::string& base, const std::string& over) {
  return config::to_yaml(config::merge(config::parse_text(base, "base"), config::parse_text(over, "over")));
}

}  // namespace sublayer::test
