// Both sides of a component stream on any bytes: neither crashes nor speaks after its end. The
// first byte picks the side and the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/component_stream.hpp"

using namespace xbus;

namespace {

struct Said {
  void say() const {
    if (closed) std::abort();
  }
  void take(const xml::StanzaView& stanza) const {
    if (stanza.kind == xml::StanzaView::Kind::other) std::abort();
  }
  bool closed = false;
};

struct Accepting final : xmpp::ComponentAcceptStream::Actions, Said {
  void send(std::string_view) override { say(); }
  std::optional<std::string> component_secret(std::string_view domain) override {
    return domain == "c.localhost" ? std::optional<std::string>("secret") : std::nullopt;
  }
  bool attach(const xmpp::Jid&) override {
    std::abort();
  }  // nobody guesses the digest of an id that is drawn
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override { take(stanza); }
  void close() override { say(), closed = true; }
};

struct Connecting final : xmpp::ClientStream::Actions, Said {
  void send(std::string_view) override { say(); }
  void start_tls() override { std::abort(); }
  void hash_password(xmpp::ScramWork) override { std::abort(); }
  void established(const xmpp::Jid& jid) override {
    say();
    if (jid.str() != "c.localhost") std::abort();
  }
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override { take(stanza); }
  void failed(const xmpp::LoginError&) override { say(); }
  void close() override { say(), closed = true; }
};

void feed(std::string_view rest, size_t piece, const Said& said, auto& stream) {
  for (std::string kept; !said.closed && !rest.empty();) {
    kept += rest.substr(0, piece);
    rest.remove_prefix(std::min(piece, rest.size()));
    kept.erase(0, stream.on_bytes(kept));
  }
  if (!said.closed) stream.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t piece = (data[0] & 2) != 0 ? 1 + (data[0] >> 4) : size;
  if ((data[0] & 1) != 0) {
    Accepting actions;
    xmpp::ComponentAcceptStream stream(limits::stanza_bytes_max, actions);
    feed(bytes, piece, actions, stream);
  } else {
    Connecting actions;
    xmpp::ComponentStream stream("c.localhost", "secret", actions);
    stream.start();
    feed(bytes, piece, actions, stream);
  }
  return 0;
}
