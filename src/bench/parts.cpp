#include "src/bench/parts.h"

#include <unordered_map>

namespace sublayer::bench {
namespace {

using enum Part;

// The one table from names to parts: operators ("aten::mm"), autograd nodes without their number ("AddmmBackward"), kernels of ours by the
// class of their autograd function, whose forward pass opens a scope of that name ("sublayer::Dropout"), and the scopes of the training
// loop. Whatever runs within a named scope belongs to it, so generic operators ("aten::add") need no row; what is named nowhere is other.
const std::unordered_map<std::string_view, Owner>& table() {
  static const std::unordered_map<std::string_view, Owner> rows = {
      {"sublayer::update", {optimizer, true}},
      {"sublayer::micro_batches", {waiting, true}},
      {"sublayer::micro_batch", {other, true}},
      {"sublayer::weight_copies", {optimizer, true}},
      {"sublayer::batching", {batching, true}},
      {"sublayer::turn", {waiting, true}},
      {"sublayer::gradient_sums", {optimizer, true}},

      {"aten::linear", {matrix_products}},
      {"aten::addmm", {matrix_products}},
      {"aten::addmm_", {matrix_products}},
      {"aten::mm", {matrix_products}},
      {"mkldnn::_linear_pointwise", {matrix_products}},
      {"AddmmBackward", {matrix_products}},
      {"MmBackward", {matrix_products}},
      {"LinearBackward", {matrix_products}},
      {"sublayer::LinearFunction", {matrix_products}},

      {"sublayer::AttentionFunction", {attention}},
      {"sublayer::Pad", {attention}},
      {"sublayer::Pack", {attention}},
      {"aten::scaled_dot_product_attention", {attention}},
      {"ScaledDotProductFlashAttentionForCpuBackward", {attention}},
      {"aten::bmm", {attention}},
      {"BmmBackward", {attention}},
      {"aten::softmax", {attention}},
      {"SoftmaxBackward", {attention}},
      {"aten::masked_fill", {attention}},
      {"MaskedFillBackward", {attention}},

      {"sublayer::NormFunction", {norm}},
      {"aten::layer_norm", {norm}},
      {"NativeLayerNormBackward", {norm}},
      {"aten::rms_norm", {norm}},
      {"aten::_fused_rms_norm", {norm}},
      {"FusedRmsNormBackward", {norm}},

      {"sublayer::ActivationFunction", {activation}},
      {"aten::relu", {activation}},
      {"ReluBackward", {activation}},
      {"aten::gelu", {activation}},
      {"GeluBackward", {activation}},
      {"aten::silu", {activation}},
      {"SiluBackward", {activation}},
      {"aten::elu", {activation}},
      {"EluBackward", {activation}},
      {"aten::selu", {activation}},
      {"aten::leaky_relu", {activation}},
      {"LeakyReluBackward", {activation}},
      {"aten::mish", {activation}},
      {"MishBackward", {activation}},
      {"aten::softplus", {activation}},
      {"SoftplusBackward", {activation}},
      {"aten::sigmoid", {activation}},
      {"SigmoidBackward", {activation}},
      {"aten::tanh", {activation}},
      {"TanhBackward", {activation}},

      {"sublayer::Dropout", {dropout}},
      {"sublayer::SumFunction", {dropout}},

      {"sublayer::BlockedCrossEntropy", {loss}},

      {"aten::embedding", {embedding}},
      {"EmbeddingBackward", {embedding}},
      {"sublayer::LookupFunction", {embedding}},
  };
  return rows;
}

}  // namespace

const char* name_of(Part part) {
  static constexpr std::array<const char*, part_count> names = {"matrix_products", "attention", "norm",     "activation", "dropout", "loss",
                                                                "embedding",       "optimizer", "batching", "waiting",    "other"};
  return names[static_cast<size_t>(part)];
}

std::string plain_name(std::string_view recorded) {
  constexpr std::string_view engine = "autograd::engine::evaluate_function", node = "torch::autograd::CppNode<";
  if (recorded.starts_with(engine)) return std::string(engine);
  if (recorded.starts_with(node)) {
    std::string_view type = recorded.substr(node.size());
    type = type.substr(0, type.find_first_of("<>"));
    const auto scope = type.rfind("::");
    return "sublayer::" + std::string(scope == std::string_view::npos ? type : type.substr(scope + 2));
  }
  if (recorded.find("Backward") != std::string_view::npos) recorded = recorded.substr(0, recorded.find_last_not_of("0123456789") + 1);
  return std::string(recorded);
}

const Owner* owner_of(std::string_view plain_name) {
  const auto row = table().find(plain_name);
  return row == table().end() ? nullptr : &row->second;
}

Part part_within(Part outer, const Owner* own) {
  if (own && own->is_stage) return own->part;
  // A product within a fused kernel or the loss is a product still; an optimizer's own, such as Muon's, is no work of the model.
  if (own && own->part == matrix_products && outer != optimizer) return matrix_products;
  if (outer != other) return outer;
  return own ? own->part : other;
}

}  // namespace sublayer::bench
