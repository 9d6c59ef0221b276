#include "data/task/grouped_split.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace sublayer::task {
namespace {

// Union-find with path halving. The root of a set is its smallest member.
class DisjointSets {
 public:
  explicit DisjointSets(size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }
  size_t root(size_t item) {
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }
  void join(size_t a, size_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

// Members of each group, groups by their first member.
std::vector<std::vector<size_t>> groups_of(const std::vector<Example>& examples) {
  DisjointSets sets(examples.size());
  std::unordered_map<std::string_view, size_t> first_with_source, first_with_target;
  for (size_t i = 0; i < examples.size(); ++i) {
    sets.join(i, first_with_source.emplace(examples[i].source, i).first->second);
    sets.join(i, first_with_target.emplace(examples[i].target, i).first->second);
  }
  std::vector<std::vector<size_t>> groups;
  std::unordered_map<size_t, size_t> group_of_root;
  for (size_t i = 0; i < examples.size(); ++i) {
    const auto [found, is_new] = group_of_root.emplace(sets.root(i), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(i);
  }
  return groups;
}

}  // namespace

std::vector<size_t> draw_parts(const std::vector<Example>& examples, const std::vector<int64_t>& sizes, const Noise& noise) {
  const auto groups = groups_of(examples);
  std::vector<int64_t> missing = sizes;
  std::vector<size_t> parts(examples.size(), sizes.size());
  for (const int64_t index : noise.permutation(static_cast<int64_t>(groups.size()))) {
    const auto& group = groups[index];
    for (size_t part = 0; part < missing.size(); ++part) {
      if (static_cast<int64_t>(group.size()) > missing[part]) continue;
      missing[part] -= static_cast<int64_t>(group.size());
      for (const size_t example : group) parts[example] = part;
      break;
    }
  }
  return parts;
}

}  // namespace sublayer::task
