#include "models/block/block.h"

namespace sublayer::block {

using attention::Attention;
using attention::Side;
using attention::Sight;

Sight LayerCall::own(Attention& attention, const at::Tensor& x, bool is_decoder, const Context& context) const {
  if (!cache) return {Side::own, is_decoder, &x, &layout, {}};
  attention::append(cache->self, attention.project(x, layout, Side::own, context));
  return {Side::own, false, nullptr, nullptr, cache->self};
}

Sight LayerCall::of_memory() const {
  if (!cache) return {Side::memory, false, &memory->states, &memory->layout, {}};
  return {Side::memory, false, nullptr, nullptr, cache->cross};
}

std::shared_ptr<residual::Connection> Block::connect(const std::string& name, const std::shared_ptr<Module>& body,
                                                     const LayerOptions& layer, const LayerPlace& place) {
  auto connection = register_module(name, place.residual.connect({place.d_model, layer.norm, layer.dropout, layer.branch}));
  connection->register_module("body", body);
  return connection;
}

residual::Stream Block::through(residual::Connection& connection, const Module& body, residual::Stream stream, Context& context,
                                const residual::Body& pass) {
  return connection.forward(
      std::move(stream), [&](const at::Tensor& x, Context& inner) { return inner.observed(body.path(), "output", pass(x, inner)); },
      context);
}

LayerCache start_cache(Attention& own, Attention& of_memory, const Memory& memory, const Context& context) {
  auto none = own.project(memory.states.narrow(0, 0, 0), memory.layout.without_tokens(), Side::own, context);
  none.padding_mask.reset();  // of no tokens
  return {none, of_memory.project(memory.states, memory.layout, Side::memory, context)};
}

}  // namespace sublayer::block
