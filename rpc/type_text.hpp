// Reading Type::text() back.
#pragma once
#include <optional>
#include <string_view>

#include "rpc/type.hpp"

namespace xbus {

// nullopt for text that is none. A name that is no built-in type is a structure, or what `types` says it is.
std::optional<Type> type_from_text(std::string_view text, const Types& types);

}  // namespace xbus
