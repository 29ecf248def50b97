#include "rpc/type_text.hpp"

#include "bus/limits.hpp"

namespace xbus {

namespace {

std::optional<Type> read(std::string_view text, const Types& types, size_t depth) {
  if (text.empty() || depth > limits::value_depth_max) return {};
  if (text.ends_with('?')) {
    auto inner = read(text.substr(0, text.size() - 1), types, depth + 1);
    if (!inner) return {};
    return Type::optional(std::move(*inner));
  }
  for (const auto kind : {Type::Kind::list, Type::Kind::map}) {
    const std::string opening = std::string(name_of(kind)) + "<";
    if (!text.starts_with(opening) || !text.ends_with('>')) continue;
    auto inner = read(text.substr(opening.size(), text.size() - opening.size() - 1), types, depth + 1);
    if (!inner) return {};
    return kind == Type::Kind::list ? Type::list(std::move(*inner)) : Type::map(std::move(*inner));
  }
  for (int i = 0; i <= static_cast<int>(Type::Kind::duration); ++i)
    if (name_of(static_cast<Type::Kind>(i)) == text) return Type(static_cast<Type::Kind>(i));
  if (text.find_first_of("<>?, ") != std::string_view::npos) return {};
  const NamedType* named = types.find(text);
  return Type::named(named ? named->kind : Type::Kind::structure, std::string(text));
}

}  // namespace

std::optional<Type> type_from_text(std::string_view text, const Types& types) { return read(text, types, 1); }

}  // namespace xbus
