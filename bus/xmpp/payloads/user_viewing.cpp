#include "bus/xmpp/payloads/user_viewing.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& user_viewing) {
  in.text("author", user_viewing.author);
  in.text("cast", user_viewing.cast);
  in.text("channel_name", user_viewing.channel_name);
  in.text("description", user_viewing.description);
  in.seconds("duration", user_viewing.duration, {.least = 1});
  in.time("end_time", user_viewing.end_time);
  in.text("episode", user_viewing.episode);
  in.text("program_name", user_viewing.program_name);
  in.text("program_type", user_viewing.program_type);
  in.time("start_time", user_viewing.start_time);
  in.text("subprogram_type", user_viewing.subprogram_type);
  in.uri("uri", user_viewing.uri);
  in.text("user_comment", user_viewing.user_comment);
  in.text("user_rating", user_viewing.user_rating);
};

}  // namespace

xml::Element to_element(const UserViewing& user_viewing) {
  return write_payload(user_viewing, "video", ns_viewing, fields);
}

Result<UserViewing, PayloadError> user_viewing_from(const xml::Element& element) {
  return read_payload<UserViewing>(element, "video", ns_viewing, fields);
}

}  // namespace xbus::xmpp
