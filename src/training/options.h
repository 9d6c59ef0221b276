#pragma once

#include <c10/core/ScalarType.h>

#include "data/batching.h"
#include "data/dataset.h"
#include "src/core/config/fields.h"

namespace sublayer::training {

// How a training is cut into updates and when it ends. The limits may be raised when a run goes on.
struct TrainingOptions : config::Options {
  data::BatchingOptions batching;
  data::LengthLimits limits;
  double clip_norm = 0, ema_decay = 0;
  int64_t max_updates = 0, max_epochs = 0, max_tokens = 0;
  double max_minutes = 0;
  int64_t log_every = 50;
  std::string precision = "fp32";
  bool fused_kernels = true;
  config::AutoCount workers;
  config::Path prepared;
  void fields(config::Fields& v) override {
    batching.fields(v);
    limits.fields(v);
    v("clip_norm", clip_norm, "gradients of a larger norm are scaled down to it; 0 switches it off");
    v("ema_decay", ema_decay,
      "memory of a moving average of the weights, e.g. 0.999, with which the model is validated, saved and exported; 0: the latest "
      "weights");
    v("max_updates", max_updates, "end after so many updates; 0: no such end", config::Mark::run_time);
    v("max_epochs", max_epochs, "end after so many passes over the data; 0: no such end", config::Mark::run_time);
    v("max_tokens", max_tokens, "end after so many source and target tokens; 0: no such end", config::Mark::run_time);
    v("max_minutes", max_minutes, "end after so many minutes of training; 0: no such end", config::Mark::run_time);
    v("log_every", log_every, "updates between two records of the training loss");
    v.word("precision", precision, {"fp32", "bf16"},
           "of activations and matrix products in training; bf16 is faster where the processor has instructions for it. Weights, sums, "
           "optimizer and evaluation are fp32");
    v("fused_kernels", fused_kernels,
      "whether kernels do several steps of a training pass at once where there are some; false: one operator after the other, the same but "
      "for rounding");
    v("workers", workers, "threads, each with a micro-batch of its own; auto: one per core. A GPU takes one. Results do not depend on it",
      config::Mark::run_time);
    v("prepared", prepared,
      "directory of `sublayer prepare`: training reads its pairs from there, page by page, and not from the task's text. Results do not "
      "depend on it",
      config::Mark::run_time);
  }
  void check(config::Checker& c) const override {
    batching.check(c);
    limits.check(c);
    c.require(clip_norm >= 0, "clip_norm", "must not be negative");
    c.require(ema_decay >= 0 && ema_decay < 1, "ema_decay", "must be at least 0 and below 1");
    c.require(max_updates >= 0, "max_updates", "must not be negative");
    c.require(max_epochs >= 0, "max_epochs", "must not be negative");
    c.require(max_tokens >= 0, "max_tokens", "must not be negative");
    c.require(max_minutes >= 0, "max_minutes", "must not be negative");
    c.require(log_every > 0, "log_every", "must be positive");
  }
  at::ScalarType activation_type() const { return precision == "bf16" ? at::kBFloat16 : at::kFloat; }
  bool has_end() const { return max_updates > 0 || max_epochs > 0 || max_tokens > 0 || max_minutes > 0; }
};

// Every so many updates or epochs; both 0: never.
struct IntervalOptions : config::Options {
  int64_t every_updates = 0, every_epochs = 0;
  void fields(config::Fields& v) override {
    v("every_updates", every_updates, "once in so many updates; 0: not by updates", config::Mark::run_time);
    v("every_epochs", every_epochs, "once in so many epochs; 0: not by epochs", config::Mark::run_time);
  }
  void check(config::Checker& c) const override {
    c.require(every_updates >= 0, "every_updates", "must not be negative");
    c.require(every_epochs >= 0, "every_epochs", "must not be negative");
  }
  bool is_due(int64_t update, int64_t finished_epoch) const {
    return (every_updates > 0 && update % every_updates == 0) ||
           (every_epochs > 0 && finished_epoch > 0 && finished_epoch % every_epochs == 0);
  }
};

struct CheckpointOptions : IntervalOptions {
  int64_t keep_best = 1, keep_last = 2;
  CheckpointOptions() { every_epochs = 1; }
  void fields(config::Fields& v) override {
    IntervalOptions::fields(v);
    v("keep_best", keep_best, "checkpoints with the best validation that are kept", config::Mark::run_time);
    v("keep_last", keep_last, "latest checkpoints that are kept", config::Mark::run_time);
  }
  void check(config::Checker& c) const override {
    IntervalOptions::check(c);
    c.require(keep_best >= 0, "keep_best", "must not be negative");
    c.require(keep_last >= 1, "keep_last", "must be at least 1: a run goes on from its last checkpoint");
  }
};

}  // namespace sublayer::training
