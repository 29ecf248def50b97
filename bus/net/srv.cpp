#include "bus/net/srv.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xbus::net {

std::vector<SrvTarget> ordered(std::vector<SrvTarget> targets,
                               const std::function<uint32_t(uint32_t bound)>& random) {
  // Those of weight 0 come first, so that they have a small chance of being drawn (RFC 2782).
  std::stable_sort(targets.begin(), targets.end(), [](const SrvTarget& a, const SrvTarget& b) {
    return std::pair(a.priority, a.weight != 0) < std::pair(b.priority, b.weight != 0);
  });
  for (auto begin = targets.begin(); begin != targets.end();) {
    auto end = std::find_if(begin, targets.end(), [&](auto& t) { return t.priority != begin->priority; });
    for (; begin != end; ++begin) {
      uint32_t sum = 0;
      for (auto it = begin; it != end; ++it) sum += it->weight;
      auto drawn = random(sum);
      uint32_t running = 0;
      auto chosen = std::find_if(begin, end, [&](auto& t) { return (running += t.weight) >= drawn; });
      std::rotate(begin, chosen, std::next(chosen));
    }
  }
  return targets;
}

SrvAnswer merged(SrvAnswer xmpp, SrvAnswer xmpps) {
  using Kind = SrvAnswer::Kind;
  SrvAnswer both{Kind::none, std::move(xmpp.targets)};
  both.targets.insert(both.targets.end(), xmpps.targets.begin(), xmpps.targets.end());
  if (!both.targets.empty()) {
    both.kind = Kind::found;
  } else if (xmpp.kind == Kind::refused || xmpps.kind == Kind::refused) {
    both.kind = Kind::refused;
  } else if (xmpp.kind == Kind::failed && xmpps.kind == Kind::failed) {
    both.kind = Kind::failed;
  }
  return both;
}

}  // namespace xbus::net
