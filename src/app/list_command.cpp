#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/core/config/fields.h"
#include "src/core/errors.h"
#include "src/core/registry.h"
#include "src/core/suggest.h"

namespace sublayer::app {
namespace {

struct ListArguments {
  std::string kind, name;
};

const AnyRegistry& find_kind(const std::string& kind) {
  std::vector<std::string> names;
  for (const auto* registry : all_registries()) {
    if (registry->kind() == kind) return *registry;
    names.push_back(registry->kind());
  }
  throw UserError("list: unknown kind '" + kind + "'." + suggest(kind, names));
}

std::string default_of(const config::Field& field) {
  const auto node = field.value->write(false);
  if (node.kind == config::Node::Kind::scalar) return node.scalar.empty() ? "nothing" : node.scalar;
  if (const auto* type = node.find("type")) return type->scalar;
  return "";
}

void print_options(const AnyEntry& entry) {
  const auto options = entry.make_options();
  for (const auto& field : config::fields_of(*options).list) {
    const std::string standard = default_of(field);
    std::printf("    %-24s %s%s\n", field.name.c_str(), field.documentation.c_str(),
                (" (" + field.value->type() + (standard.empty() ? "" : ", default " + standard) + ")").c_str());
  }
}

void print_kind(const AnyRegistry& registry, const std::string& name, bool with_options) {
  if (!name.empty() && !registry.look_up(name))
    throw UserError("list: unknown " + registry.kind() + " '" + name + "'." + suggest(name, registry.names()));
  std::printf("%s: %s\n", registry.kind().c_str(), registry.documentation().c_str());
  for (const auto& variant : registry.names()) {
    if (!name.empty() && variant != name) continue;
    const auto* entry = registry.look_up(variant);
    std::printf("  %-18s %s\n", variant.c_str(), entry->documentation.c_str());
    if (with_options) print_options(*entry);
  }
}

void run(const ListArguments& given) {
  if (!given.kind.empty()) {
    print_kind(find_kind(given.kind), given.name, true);
    return;
  }
  for (const auto* registry : all_registries()) print_kind(*registry, "", false);
}

}  // namespace

void add_list(CLI::App& program) {
  auto* command = program.add_subcommand("list", "Print what is registered: kinds, their variants, and the options of these");
  auto given = std::make_shared<ListArguments>();
  command->add_option("kind", given->kind, "one kind, with the options of its variants");
  command->add_option("name", given->name, "one variant of it");
  command->footer("Example: sublayer list feed_forward gated");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
