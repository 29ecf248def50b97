#include "bus/xmpp/payloads/user_tune.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& user_tune) {
  in.text("artist", user_tune.artist);
  in.text("composer", user_tune.composer);
  in.text("date", user_tune.date);
  in.text("genre", user_tune.genre);
  in.text("language", user_tune.language);
  in.seconds("length", user_tune.length, {.least = 0, .most = 65'535});
  in.text("lyricist", user_tune.lyricist);
  in.text("performer", user_tune.performer);
  in.whole("rating", user_tune.rating, {.least = 1, .most = 10});
  in.text("source", user_tune.source);
  in.text("title", user_tune.title);
  in.text("track", user_tune.track);
  in.uri("uri", user_tune.uri);
};

}  // namespace

xml::Element to_element(const UserTune& user_tune) {
  return write_payload(user_tune, "tune", ns_tune, fields);
}

Result<UserTune, PayloadError> user_tune_from(const xml::Element& element) {
  return read_payload<UserTune>(element, "tune", ns_tune, fields);
}

}  // namespace xbus::xmpp
