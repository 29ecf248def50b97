// SASL2 (XEP-0388) and Bind 2 (XEP-0386): their elements, with the parts of stream management that travel inside them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/sm.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_sasl2 = "urn:xmpp:sasl:2";
inline constexpr std::string_view ns_bind2 = "urn:xmpp:bind:0";

// <authentication/> among the stream features, and what it takes inline.
struct Sasl2Feature {
  std::vector<std::string> mechanisms = {};
  bool resume = false;  // a former session
  bool bind = false;    // a resource
  bool manage = false;  // stream management for what is bound
};
xml::Element to_element(const Sasl2Feature& feature);
// Nothing: these stream features have none.
std::optional<Sasl2Feature> sasl2_feature_from(const xml::Element& features);

// Bind 2's <bind/>.
struct Bind2 {
  std::string tag = {};                 // what the resource begins with; empty: none
  std::optional<SmEnable> enable = {};  // stream management with it
};

// What is to be done once the login holds; a session that is resumed needs no binding (XEP-0386 section 4).
struct Sasl2Wishes {
  std::optional<xml::Element> resume = {};  // <resume/>, as it stands
  std::optional<Bind2> bind = {};
};

// <authenticate/>. SASL messages are base64 text, where nothing at all is data of no length (section 2.3).
struct Sasl2Request {
  std::string mechanism = {};
  std::optional<std::string> initial = {};  // nothing: there is none
  std::string software = {};                // of <user-agent/>
  Sasl2Wishes wishes = {};
};
xml::Element to_element(const Sasl2Request& request);
Sasl2Request sasl2_request_from(const xml::Element& element);

// <success/>.
struct Sasl2Success {
  std::optional<std::string> data = {};      // the last SASL message, raw; nothing: there is none
  Jid jid = {};                              // full where a resource is bound
  std::optional<xml::Element> session = {};  // <resumed/> or <failed/>, where a former one was asked for
  bool bound = false;
  std::optional<xml::Element> managed = {};  // <enabled/> or <failed/> inside <bound/>
};
xml::Element to_element(const Sasl2Success& success);
// Nothing: there is no authorization identifier that is a JID, or the data is not base64.
std::optional<Sasl2Success> sasl2_success_from(const xml::Element& element);

// <failure/> in the namespace of SASL2; sasl_failure_from() reads it.
xml::Element sasl2_failure(const SaslFailure& failure);

}  // namespace xbus::xmpp
