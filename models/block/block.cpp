#include "models/block/block.h"

namespace sublayer::block {

using attention::Attention;
using attention::KeyValues;
using attention::Side;

KeyValues LayerCall::own(Attention& attention, const at::Tensor& x) const {
  KeyValues latest = attention.project(x, layout, Side::own);
  if (cache) latest = cache->self = attention::append(cache->self, latest);
  return latest;
}

KeyValues LayerCall::of_memory(Attention& attention) const {
  return cache ? cache->cross : attention.project(memory->states, memory->layout, Side::memory);
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

LayerCache start_cache(Attention& own, Attention& of_memory, const Memory& memory) {
  const auto none = own.project(memory.states.narrow(0, 0, 0), memory.layout.without_tokens(), Side::own);
  return {{none.keys, none.values, {}}, of_memory.project(memory.states, memory.layout, Side::memory)};
}

}  // namespace sublayer::block
