#include "src/export/torchscript/tracing.h"

#include <ATen/ATen.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include <set>

#include "src/export/torchscript/traced_functions.h"

namespace sublayer::format::torchscript {
namespace {

using torch::jit::Stack;

// A module below `target` for every child of `module` that holds parameters. Tied tensors are one leaf, where they come first.
void add_parameters(torch::jit::Module& target, const torch::nn::Module& module, std::set<const void*>& seen) {
  const auto is_new = [&](const at::Tensor& tensor) { return tensor.defined() && seen.insert(tensor.unsafeGetTensorImpl()).second; };
  for (const auto& item : module.named_parameters(/*recurse=*/false)) {
    if (is_new(item.value())) target.register_parameter(item.key(), item.value(), /*is_buffer=*/false);
  }
  for (const auto& item : module.named_buffers(/*recurse=*/false)) {
    if (is_new(item.value())) target.register_parameter(item.key(), item.value(), /*is_buffer=*/true);
  }
  for (const auto& item : module.named_children()) {
    torch::jit::Module child(c10::QualifiedName("__torch__.sublayer.Part"), target._ivalue()->compilation_unit(), /*shouldMangle=*/true);
    add_parameters(child, *item.value(), seen);
    if (child.type()->numAttributes() > 0) target.register_module(item.key(), child);
  }
}

// Tracing knows a parameter by its identity. Once it is done, consumers are spared the gradients.
void drop_gradients(torch::jit::Module& module) {
  for (const auto& parameter : module.named_parameters(/*recurse=*/false)) module.setattr(parameter.name, parameter.value.detach());
  for (auto child : module.children()) drop_gradients(child);
}

void add_method(torch::jit::Module& module, const std::string& name, const std::vector<std::string>& arguments, Stack inputs,
                const std::function<Stack(Stack)>& function) {
  const auto no_name = [](const at::Tensor&) { return std::string(); };
  const auto traced =
      torch::jit::tracer::trace(std::move(inputs), function, no_name, /*strict=*/false, /*force_outplace=*/false, &module, arguments);
  const c10::QualifiedName qualified(*module.type()->name(), name);
  module.type()->addMethod(module._ivalue()->compilation_unit()->create_function(qualified, traced.first->graph));
}

}  // namespace

torch::jit::Module trace(Seq2SeqModel& model) {
  const at::NoGradGuard no_gradients;
  torch::jit::Module module(c10::QualifiedName("__torch__.sublayer.Translator"));
  std::set<const void*> seen;
  add_parameters(module, model, seen);

  // Two rows, one of them padded.
  const auto source_ids = at::tensor(std::vector<int64_t>{1, 1, 1, 1, 1, 1, 1, 1, 0, 0}).view({2, 5});
  const auto padding_mask = source_ids == 0;
  add_method(module, "encode", {"source_ids", "padding_mask"}, {source_ids, padding_mask}, [&](const Stack& inputs) -> Stack {
    auto state = encode(model, inputs[0].toTensor(), inputs[1].toTensor());
    return {c10::List<at::Tensor>(to_list(state))};
  });

  // The second step: a first one would show the tracer an empty past.
  const auto ids = at::ones({2}, at::kLong);
  auto state = encode(model, source_ids, padding_mask);
  step(model, ids, state);
  add_method(module, "step", {"ids", "state"}, {ids, c10::List<at::Tensor>(to_list(state))}, [&](const Stack& inputs) -> Stack {
    auto next = state;
    assign_list(next, inputs[1].toTensorVector());
    const auto log_probs = step(model, inputs[0].toTensor(), next);
    return {c10::ivalue::Tuple::create(log_probs, c10::List<at::Tensor>(to_list(next)))};
  });
  drop_gradients(module);
  return module;
}

}  // namespace sublayer::format::torchscript
