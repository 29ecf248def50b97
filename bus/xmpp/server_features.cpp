#include "bus/xmpp/server_features.hpp"

#include <string>

#include "bus/xmpp/sasl2.hpp"
#include "bus/xmpp/sm.hpp"
#include "bus/xmpp/stream_limits.hpp"
#include "bus/xmpp/stream_text.hpp"

namespace xbus::xmpp {
namespace {

using xml::Element;

Element starttls(const FeatureContext& context) {
  Element element("starttls", std::string(ns_tls));
  if ((context.facts & tls_missing) != 0) element.add("required");
  return element;
}

Element channel_binding(const FeatureContext& context) {
  Element element("sasl-channel-binding", std::string(ns_sasl_channel_binding));
  for (const auto& type : context.sasl->binding_types())
    element.add("channel-binding").set("type", type);
  return element;
}

Element sasl_mechanisms(const FeatureContext& context) {
  Element element("mechanisms", std::string(ns_sasl));
  for (const auto mechanism : context.sasl->mechanisms())
    element.add("mechanism").add_text(facts_of(mechanism).name);
  return element;
}

Element bind(const FeatureContext&) {
  Element element("bind", std::string(ns_bind));
  element.add("required");
  return element;
}

// Old clients look for it and ask for a session; nobody has to.
Element session(const FeatureContext&) {
  Element element("session", std::string(ns_session));
  element.add("optional");
  return element;
}

Element stream_limits(const FeatureContext& context) {
  return to_element(StreamLimits{.max_bytes = context.stanza_bytes, .idle_seconds = {}});
}

Element stream_management(const FeatureContext&) { return sm_feature(); }

Element sasl2(const FeatureContext& context) {
  const bool manage = (context.facts & can_manage) != 0;
  return to_element(Sasl2Feature{.mechanisms = names_of(context.sasl->mechanisms()),
                                 .resume = manage,
                                 .bind = true,
                                 .manage = manage});
}

// A further feature is one row here and one handler of its elements in the stream.
struct Feature {
  uint32_t needs;    // all of these facts
  uint32_t forbids;  // none of these
  Element (*make)(const FeatureContext&);
};

constexpr Feature table[] = {
    {tls_possible, authenticated, starttls},
    {can_bind_channel, tls_missing | authenticated, channel_binding},
    {0, tls_missing | authenticated, sasl_mechanisms},
    {sheltered, tls_missing | authenticated, sasl2},
    {authenticated, bound, bind},
    {authenticated, bound, session},
    {authenticated | can_manage, 0, stream_management},
    {0, tls_missing, stream_limits},
};

}  // namespace

std::vector<Element> features_for(const FeatureContext& context) {
  std::vector<Element> out;
  for (const auto& row : table)
    if ((context.facts & row.needs) == row.needs && (context.facts & row.forbids) == 0)
      out.push_back(row.make(context));
  return out;
}

}  // namespace xbus::xmpp
