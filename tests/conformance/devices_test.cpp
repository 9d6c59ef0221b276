// Evidence for GPUs without one: every variant is run on a device that LibTorch does not hold for the CPU.
#include <ATen/ATen.h>

#include "models/device.h"
#include "models/packed_weights.h"
#include "src/conformance/property.h"
#include "src/conformance/small_update.h"
#include "src/decoding/search/search.h"
#include "src/training/optimizer/optimizer.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/pretended_device.h"
#include "tests/support/wrapped_model.h"

namespace sublayer::conformance {
namespace {

using test::pretended_device;
using test::waits;

ModelBuilder usual_model() { return builder_of({Seq2SeqModel::kind, "transformer", "", yaml("{type: transformer}")}); }

// What is said of models of a class that wrap a sound one.
template <class Model>
std::vector<std::string> failures_elsewhere() {
  Findings findings;
  check_device(
      [](const std::string& over) {
        auto model = std::make_shared<Model>(usual_model()(over));
        model->assign_paths();
        return model;
      },
      pretended_device(), findings);
  return findings.failures();
}

struct Elsewhere : test::Wrapped {
  using Wrapped::Wrapped;
  bool is_elsewhere() const { return !device().is_cpu(); }
};

struct Other : Elsewhere {
  using Elsewhere::Elsewhere;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return is_elsewhere() ? hidden * 1.01 : hidden;
  }
};

// Adds something that was left on the CPU.
struct Mixing : Elsewhere {
  using Elsewhere::Elsewhere;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return at::mm(hidden, at::eye(hidden.size(1)));
  }
};

// Makes the host wait for a value.
struct Asking : Elsewhere {
  using Elsewhere::Elsewhere;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return hidden / (hidden.abs().max().item<double>() + 1);
  }
};

int64_t waits_of_a_micro_batch(Seq2SeqModel& model) {
  Context context;
  context.is_training = true;
  const int64_t before = waits();
  loss_and_gradients(model, context);
  return waits() - before;
}

}  // namespace

TEST_CASE("every part of a model computes on another device what it computes on the CPU, and in training nobody waits for it") {
  if (!test::has_pretended_gradients()) return;
  for (const auto& subject : all_subjects()) {
    if (!stands_in_model(subject.kind)) continue;
    INFO(subject.label());
    Findings findings;
    check_device(builder_of(subject), pretended_device(), findings);
    CHECK(findings.failures() == std::vector<std::string>{});
    const auto model = builder_of(subject)("{layer: {attention: {dropout: 0.2}, feed_forward: {dropout: 0.2}}}");
    model->to(pretended_device());
    CHECK(waits_of_a_micro_batch(*model) == 0);
    model->to(at::kBFloat16);
    CHECK(waits_of_a_micro_batch(*model) == 0);
  }
}

TEST_CASE("a model that mixes devices, computes something else on another, or makes the host wait is found") {
  if (!test::has_pretended_gradients()) return;
  CHECK(failures_elsewhere<test::Wrapped>() == std::vector<std::string>{});
  CHECK(failures_elsewhere<Other>().front() == "hidden states differ by more than rounding");
  CHECK_THROWS_WITH(failures_elsewhere<Mixing>(), Catch::Contains("aten::mm: a tensor of the CPU among those of hpu:0"));
  const auto model = std::make_shared<Asking>(usual_model()("{}"));
  model->assign_paths();
  model->to(pretended_device());
  CHECK(waits_of_a_micro_batch(*model) == 1);
}

TEST_CASE("what would make the host wait for a GPU is counted") {
  const auto x = to_device(at::ones({2, 2}), pretended_device());
  const auto counted = [](const auto& action) {
    const int64_t before = waits();
    action();
    return waits() - before;
  };
  CHECK(counted([&] { at::mm(x, x).add_(1).softmax(-1); }) == 0);
  CHECK(counted([&] { to_device(at::ones({2}), pretended_device()); }) == 0);
  CHECK(counted([&] { at::ones({2}).to(pretended_device()); }) == 1);
  CHECK(counted([&] { x.to(at::kCPU); }) == 1);
  CHECK(counted([&] { x.sum().item<double>(); }) == 1);
  CHECK(counted([&] { x.nonzero(); }) == 1);
}

TEST_CASE("every optimizer takes the same steps on another device") {
  for (const auto& subject : all_subjects()) {
    if (subject.kind != optimizer::Optimizer::kind) continue;
    INFO(subject.label());
    const auto choice = test::choice_of<optimizer::Optimizer>(config::to_yaml(subject.options));
    const auto here = some_parameters(1);
    std::vector<ParameterSpec> there;
    for (auto parameter : here) {
      parameter.tensor = parameter.tensor.to(pretended_device());
      there.push_back(parameter);
    }
    const auto one = choice.build(here), other = choice.build(there);
    for (int64_t update = 1; update <= 3; ++update) {
      auto gradients = some_gradients(update);
      one->step(gradients, update, 1);
      for (auto& gradient : gradients) gradient = gradient.to(pretended_device());
      other->step(gradients, update, 1);
    }
    for (size_t i = 0; i < here.size(); ++i) CHECK(there[i].tensor.to(at::kCPU).allclose(here[i].tensor, 1e-6, 1e-6));
  }
}

TEST_CASE("every search finds the same on another device") {
  const SentencePairs pairs;
  const auto here = usual_model()("{}"), there = usual_model()("{}");
  there->to(pretended_device());
  CHECK_THROWS_WITH(PackedWeights(*there, Precision::int8), Catch::Contains("precision int8 is for the CPU"));
  const std::vector<int64_t> limits(pairs.sources.size(), 8);
  for (const auto& name : Registry<search::Search>::instance().names()) {
    INFO(name);
    const auto search = test::choice_of<search::Search>("{type: " + name + "}").build();
    const auto found_in = [&](Seq2SeqModel& model) {
      return search->run(model, packed_ids(pairs.sources, model.device()), layout_of(pairs.sources, model.device()), limits);
    };
    const auto expected = found_in(*here), given = found_in(*there);
    for (size_t i = 0; i < expected.size(); ++i) {
      CHECK(given[i].front().ids == expected[i].front().ids);
      CHECK(given[i].front().score == Approx(expected[i].front().score).epsilon(1e-4));
    }
  }
}

}  // namespace sublayer::conformance
