// Who stands how to a node: affiliations of bare JIDs (XEP-0060 section 4.1).
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/pubsub.hpp"

namespace xbus::router::pubsub {

using xmpp::Affiliation;

// A value. Holds no entry for `none`.
class Affiliations {
 public:
  Affiliation of(const xmpp::Jid& who) const;
  void set(const xmpp::Jid& who, Affiliation affiliation);
  size_t size() const { return all_.size(); }
  size_t owners() const;
  const std::map<std::string, Affiliation, std::less<>>& all() const { return all_; }

 private:
  std::map<std::string, Affiliation, std::less<>> all_;
};

}  // namespace xbus::router::pubsub
