#include "bus/xmpp/sasl2.hpp"

#include "bus/crypto/base64.hpp"

namespace xbus::xmpp {
namespace {

using xml::Element;

Element make(std::string_view name, std::string_view ns = ns_sasl2) {
  return Element(std::string(name), std::string(ns));
}

// A copy of the child, where there is one.
std::optional<Element> copy(const Element& parent, std::string_view name, std::string_view ns) {
  const Element* child = parent.first(name, ns);
  return child == nullptr ? std::nullopt : std::optional<Element>(*child);
}

std::optional<Element> session_answer(const Element& parent, std::string_view good) {
  auto answer = copy(parent, good, ns_sm);
  return answer ? answer : copy(parent, "failed", ns_sm);
}

}  // namespace

Element to_element(const Sasl2Feature& feature) {
  Element out = make("authentication");
  for (const auto& name : feature.mechanisms) out.add("mechanism").add_text(name);
  if (!feature.resume && !feature.bind) return out;
  Element& taken = out.add("inline");
  if (feature.resume) taken.add(sm_feature());
  if (!feature.bind) return out;
  Element& bind = taken.add(make("bind", ns_bind2));
  if (feature.manage) bind.add("inline").add("feature").set("var", ns_sm);
  return out;
}

std::optional<Sasl2Feature> sasl2_feature_from(const Element& features) {
  const Element* element = features.first("authentication", ns_sasl2);
  if (element == nullptr) return std::nullopt;
  Sasl2Feature out;
  for (const auto* item : element->elements("mechanism", ns_sasl2))
    out.mechanisms.push_back(item->text());
  const Element* taken = element->first("inline", ns_sasl2);
  if (taken == nullptr) return out;
  out.resume = taken->first("sm", ns_sm) != nullptr;
  const Element* bind = taken->first("bind", ns_bind2);
  out.bind = bind != nullptr;
  const Element* with = bind == nullptr ? nullptr : bind->first("inline", ns_bind2);
  if (with == nullptr) return out;
  for (const auto* item : with->elements("feature", ns_bind2))
    out.manage |= item->attr_or("var", "") == ns_sm;
  return out;
}

Element to_element(const Sasl2Request& request) {
  Element out = make("authenticate");
  out.set("mechanism", request.mechanism);
  if (request.initial) out.add("initial-response").add_text(*request.initial);
  if (!request.software.empty()) out.add("user-agent").add("software").add_text(request.software);
  if (request.wishes.resume) out.add(*request.wishes.resume);
  if (!request.wishes.bind) return out;
  Element& bind = out.add(make("bind", ns_bind2));
  if (!request.wishes.bind->tag.empty()) bind.add("tag").add_text(request.wishes.bind->tag);
  if (request.wishes.bind->enable) bind.add(to_element(*request.wishes.bind->enable));
  return out;
}

Sasl2Request sasl2_request_from(const Element& element) {
  Sasl2Request out;
  out.mechanism = element.attr_or("mechanism", "");
  if (const auto* initial = element.first("initial-response", ns_sasl2)) out.initial = initial->text();
  if (const auto* agent = element.first("user-agent", ns_sasl2))
    if (const auto* software = agent->first("software", ns_sasl2)) out.software = software->text();
  out.wishes.resume = copy(element, "resume", ns_sm);
  const Element* bind = element.first("bind", ns_bind2);
  if (bind == nullptr) return out;
  out.wishes.bind.emplace();
  if (const auto* tag = bind->first("tag", ns_bind2)) out.wishes.bind->tag = tag->text();
  if (const auto* enable = bind->first("enable", ns_sm))
    out.wishes.bind->enable = sm_enable_from(*enable);
  return out;
}

Element to_element(const Sasl2Success& success) {
  Element out = make("success");
  if (success.data) out.add("additional-data").add_text(crypto::base64_encode(*success.data));
  out.add("authorization-identifier").add_text(success.jid.str());
  if (success.session) out.add(*success.session);
  if (!success.bound) return out;
  Element& bound = out.add(make("bound", ns_bind2));
  if (success.managed) bound.add(*success.managed);
  return out;
}

std::optional<Sasl2Success> sasl2_success_from(const Element& element) {
  Sasl2Success out;
  const Element* who = element.first("authorization-identifier", ns_sasl2);
  auto jid = who == nullptr ? Result<Jid, JidError>(Err{JidError::empty_domain}) : Jid::parse(who->text());
  if (!jid) return std::nullopt;
  out.jid = std::move(*jid);
  if (const auto* text = element.first("additional-data", ns_sasl2)) {
    out.data = crypto::base64_decode(text->text());
    if (!out.data) return std::nullopt;
  }
  out.session = session_answer(element, "resumed");
  const Element* bound = element.first("bound", ns_bind2);
  out.bound = bound != nullptr;
  if (bound != nullptr) out.managed = session_answer(*bound, "enabled");
  return out;
}

Element sasl2_failure(const SaslFailure& failure) {
  Element out = make("failure");
  out.add(make(name_of(failure.condition), ns_sasl));
  if (!failure.text.empty()) out.add("text").add_text(failure.text);
  return out;
}

}  // namespace xbus::xmpp
