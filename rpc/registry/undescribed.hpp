// What has come for services none of whose instances has said yet what it is: whether it can be told who calls is not
// known, so that waits.
#pragma once
#include <cstddef>
#include <map>
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
    Time since{};  // when it came
  };

  // False when there is no room.
  bool hold(const std::string& key, const xml::Element& stanza, Time since);
  // All that waits for the service, which then waits no longer.
  std::vector<Stanza> take(const std::string& key);
  // The services for which something waits.
  std::vector<std::string> keys() const;

 private:
  struct Waiting {
    std::vector<Stanza> stanzas;
    size_t bytes = 0;
  };
  std::map<std::string, Waiting> of_;
  size_t bytes_ = 0;
};

}  // namespace xbus::registry
