// What has come for services none of whose instances has said yet what it is: whether it can be told who calls is not
// known, so that waits.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"

namespace xbus::registry {

// Stanzas as text, in the order they came in; a tree takes many times that. Bounded by limits::undescribed_*.
class Undescribed {
 public:
  struct Stanza {
    std::string text;
    Time since{};             // when it came
    std::string caller = {};  // full JID
    std::string call_id = {}; // what the caller's <cancel/> names; empty: it is no call
  };

  // False when there is no room.
  bool hold(const std::string& key, const xml::Element& stanza, Time since, const std::string& call_id = {});
  // All that waits for the service, which then waits no longer.
  std::vector<Stanza> take(const std::string& key);
  // The call to that service which this caller knows by that id, which then waits no longer.
  std::optional<Stanza> take_call(const std::string& key, const std::string& caller, const std::string& call_id);
  // Forgets all that this caller has waiting.
  void forget(const std::string& caller);
  // The services for which something waits.
  std::vector<std::string> keys() const;

 private:
  struct Waiting {
    std::vector<Stanza> stanzas;
    size_t bytes = 0;
  };
  using Services = std::map<std::string, Waiting>;
  Stanza take_out(Waiting& waiting, size_t place);

  Services of_;
  size_t bytes_ = 0;
};

}  // namespace xbus::registry
