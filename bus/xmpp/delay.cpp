#include "bus/xmpp/delay.hpp"

#include "bus/xmpp/datetime.hpp"

namespace xbus::xmpp {

xml::Element to_element(const Delay& delay) {
  xml::Element element("delay", std::string(ns_delay));
  if (!delay.from.empty()) element.set("from", delay.from.str());
  element.set("stamp", format_datetime(delay.stamp));
  if (!delay.text.empty()) element.add_text(delay.text);
  return element;
}

std::optional<Delay> delay_from(const xml::Element& element) {
  if (!element.is("delay", ns_delay)) return std::nullopt;
  auto stamp = parse_datetime(element.attr_or("stamp", ""));
  if (!stamp) return std::nullopt;
  Delay delay{.stamp = *stamp, .from = {}, .text = element.text()};
  if (auto from = Jid::parse(element.attr_or("from", ""))) delay.from = *from;
  return delay;
}

std::optional<Delay> delay_of(const xml::Element& stanza, const Jid& who) {
  for (const xml::Element* child : stanza.elements("delay", ns_delay)) {
    auto delay = delay_from(*child);
    if (delay && (who.empty() || delay->from == who)) return delay;
  }
  return std::nullopt;
}

}  // namespace xbus::xmpp
