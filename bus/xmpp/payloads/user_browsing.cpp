#include "bus/xmpp/payloads/user_browsing.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& user_browsing) {
  in.text("description", user_browsing.description);
  in.text("keywords", user_browsing.keywords);
  in.text("title", user_browsing.title);
  in.uri("uri", user_browsing.uri);
};

}  // namespace

xml::Element to_element(const UserBrowsing& user_browsing) {
  return write_payload(user_browsing, "page", ns_browsing, fields);
}

Result<UserBrowsing, PayloadError> user_browsing_from(const xml::Element& element) {
  return read_payload<UserBrowsing>(element, "page", ns_browsing,
                                    [](auto& in, auto& user_browsing) {
                                      fields(in, user_browsing);
                                      if (!in.is_empty())
                                        in.need("uri", !user_browsing.uri.empty());
                                    });
}

}  // namespace xbus::xmpp
