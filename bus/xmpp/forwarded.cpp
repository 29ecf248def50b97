#include "bus/xmpp/forwarded.hpp"

namespace xbus::xmpp {
namespace {

bool is_stanza(const xml::Element& element) {
  return element.ns() == xml::ns_client &&
         (element.name() == "iq" || element.name() == "message" || element.name() == "presence");
}

}  // namespace

xml::Element to_element(const Forwarded& forwarded) {
  xml::Element element("forwarded", ns_forwarded);
  if (forwarded.delay) element.add(to_element(*forwarded.delay));
  element.add(forwarded.stanza);
  return element;
}

std::optional<Forwarded> forwarded_from(const xml::Element& element) {
  if (!element.is("forwarded", ns_forwarded)) return {};
  Forwarded found;
  size_t stanzas = 0;
  for (const xml::Element* child : element.elements()) {
    if (is_stanza(*child)) {
      found.stanza = *child;
      ++stanzas;
    } else if (child->is("delay", ns_delay)) {
      found.delay = delay_from(*child);
      if (!found.delay) return {};
    }
  }
  if (stanzas != 1) return {};
  return found;
}

}  // namespace xbus::xmpp
