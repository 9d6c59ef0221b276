#pragma once

#include "models/context.h"
#include "models/kernels/dropout.h"
#include "models/module.h"

namespace sublayer {

// Dropout (Srivastava et al. 2014) at a named site of a module, active in training only. Rate 0 switches it off.
inline kernels::Drop drop_at(double rate, const Module& owner, const char* site, Context& context) {
  if (!context.is_training || rate == 0) return {};
  if (context.dropout_sites) (*context.dropout_sites)[owner.path() + "." + site] = rate;
  return {rate, context.next_draw(owner.path(), site)};
}
inline at::Tensor dropout(const at::Tensor& x, double rate, const Module& owner, const char* site, Context& context) {
  return kernels::dropout(x, drop_at(rate, owner, site, context));
}

}  // namespace sublayer
