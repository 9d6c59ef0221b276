#pragma once

#include <memory>
#include <utility>

#include "models/model.h"

namespace sublayer::test {

// A model that does as another one, for tests to put something wrong in.
class Wrapped : public Seq2SeqModel {
 public:
  explicit Wrapped(std::shared_ptr<Seq2SeqModel> inner) : inner_(register_module("inner", std::move(inner))) {}
  Memory encode(const at::Tensor& source, const Layout& layout, Context& context) override {
    return inner_->encode(source, layout, context);
  }
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context);
  }
  DecoderState start(const Memory& memory, const Context& context) override { return inner_->start(memory, context); }
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override { return inner_->step(target, state, context); }
  OutputProjection output_projection() const override { return inner_->output_projection(); }
  int64_t max_length() const override { return inner_->max_length(); }
  void initialize(const Noise& noise) override { inner_->initialize(noise); }

 protected:
  std::shared_ptr<Seq2SeqModel> inner_;
};

}  // namespace sublayer::test
