#include "bus/xmpp/ping.hpp"

namespace xbus::xmpp {

xml::Element ping() { return xml::Element("ping", std::string(ns_ping)); }

bool is_ping(const xml::Element& iq) {
  return iq.name() == "iq" && iq.attr_or("type", "") == "get" &&
         iq.first("ping", ns_ping) != nullptr;
}

}  // namespace xbus::xmpp
