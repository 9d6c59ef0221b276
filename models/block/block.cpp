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

LayerCache start_cache(Attention& own, Attention& of_memory, const Memory& memory) {
  const auto none = own.project(memory.states.narrow(0, 0, 0), memory.layout.without_tokens(), Side::own);
  return {{none.keys, none.values, {}}, of_memory.project(memory.states, memory.layout, Side::memory)};
}

}  // namespace sublayer::block
