#include "rpc/handler.hpp"

namespace xbus::detail {

void check_arguments(const std::vector<Field>& params, size_t given) {
  if (given > params.size())
    throw Fault(Fault::Kind::invalid, std::to_string(given) + " arguments given, at most " +
                                          std::to_string(params.size()) + " taken");
  for (size_t i = given; i < params.size(); ++i)
    if (!params[i].type.is_optional()) throw Fault(Fault::Kind::invalid, params[i].name + ": missing");
}

void bad_result(const Fault& why) {
  throw Fault(Fault::Kind::failed, "the result cannot be sent: " + why.message());
}

void check_names(const std::string& method, size_t names, size_t params) {
  if (names == params) return;
  throw std::invalid_argument("method " + method + " takes " + std::to_string(params) + " parameters and has " +
                              std::to_string(names) + " names");
}

}  // namespace xbus::detail
