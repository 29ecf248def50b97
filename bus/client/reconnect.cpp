#include "bus/client/reconnect.hpp"

#include <algorithm>
#include <utility>

namespace xbus::client {

Reconnect::Reconnect(const Options& options, std::function<double()> random)
    : options_(options), random_(std::move(random)) {}

Duration Reconnect::next() {
  auto part = [](Duration whole, double share) { return Duration(int64_t(double(whole.count()) * share)); };
  auto tries = tries_++;
  if (tries == 0) return part(options_.first, random_());
  auto bound = options_.first;
  for (unsigned i = 0; i < tries && bound < options_.most; ++i) bound *= 2;
  bound = std::min(bound, options_.most);
  return part(bound, 0.5 + random_() / 2);
}

}  // namespace xbus::client
