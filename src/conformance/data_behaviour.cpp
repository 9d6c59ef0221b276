#include "data/task/task.h"
#include "data/tokenizer/tokenizers.h"
#include "src/conformance/behaviour.h"
#include "src/conformance/choice.h"
#include "src/conformance/sample_text.h"

namespace sublayer::conformance {
namespace {

Behaviour observe_task(const config::Node& options) {
  const auto task = choice_of<task::Task>(options).build();
  Behaviour behaviour;
  for (const auto split : {task::Split::train, task::Split::valid, task::Split::test}) behaviour.say(hash_of(task->load(split)));
  return behaviour;
}

// The vocabularies of both sides, and the ids of a few sentences.
Behaviour observe_tokenizer(const config::Node& options) {
  const auto tokenizers = tokenizer::train_tokenizers(choice_of<tokenizer::Tokenizer>(options), sample_corpus());
  Behaviour behaviour;
  behaviour.say(std::string(tokenizers.source == tokenizers.target ? "one vocabulary" : "two vocabularies"));
  for (const auto* one : {tokenizers.source.get(), tokenizers.target.get()}) {
    for (int64_t id = 0; id < one->size(); ++id) behaviour.say(one->piece(id));
  }
  const auto say_ids = [&](const tokenizer::Tokenizer& one, const std::string& text) {
    for (const int64_t id : one.encode(text)) behaviour.say(id);
    behaviour.say(one.decode(one.encode(text)));
  };
  for (size_t i = 0; i < sample_corpus().examples.size(); i += 24) {
    say_ids(*tokenizers.source, sample_corpus().examples[i].source);
    say_ids(*tokenizers.target, sample_corpus().examples[i].target);
  }
  return behaviour;
}

}  // namespace

Observers data_observers() { return {{task::Task::kind, observe_task}, {tokenizer::Tokenizer::kind, observe_tokenizer}}; }

}  // namespace sublayer::conformance
