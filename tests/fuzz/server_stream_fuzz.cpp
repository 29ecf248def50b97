// What a stranger sends to a server: the stream machine neither crashes nor speaks after its end,
// whatever the pieces. The first byte picks the listener and the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/server_stream.hpp"

using namespace xbus;
using xmpp::ServerStream;

namespace {

struct Actions final : ServerStream::Actions {
  void say() {
    if (closed) std::abort();
  }
  void send(std::string_view) override { say(); }
  void start_tls() override { say(), securing = true; }
  std::optional<xmpp::ScramKeys> scram_keys(std::string_view, xmpp::ScramHash hash) override {
    static const auto keys = *xmpp::make_scram_keys("secret", hash);
    return keys;
  }
  void check_password(std::string_view, std::string_view password) override {
    asked = true, right = password == "secret";
  }
  std::optional<std::string> external_account(std::string_view) override { return "alice"; }
  void authenticated(std::string_view, std::string_view) override { say(), proven = true; }
  void login_failed(std::string_view, std::string_view) override { say(); }
  Result<xmpp::Jid, xmpp::StanzaError> bind(std::string_view resource) override {
    if (!proven) std::abort();
    return *xmpp::Jid::make("alice", "example.org", resource.empty() ? "r" : resource);
  }
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override {
    if (stanza.kind == xml::StanzaView::Kind::other) std::abort();
  }
  // One former session, which is taken up once.
  Result<Former, xml::Element> sm_resume(const xmpp::SmResume& wanted) override {
    if (!proven) std::abort();
    if (wanted.id != "kept" || std::exchange(resumed, true))
      return Err{xmpp::sm_failed(xmpp::Condition::item_not_found, 7)};
    Former former{.jid = *xmpp::Jid::parse("alice@example.org/desk"),
                  .sm = std::make_unique<xmpp::StreamManagement>()};
    former.sm->sent("<message/>", 1);
    former.sm->sent("<presence/>", 2);
    return former;
  }
  xmpp::SmEnabled sm_enabled(const xmpp::SmEnable&) override { return {.id = "id"}; }
  void close() override { say(), closed = true; }
  bool proven = false, resumed = false;
  bool closed = false, securing = false, asked = false, right = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  using Tls = xmpp::ServerStreamOptions::Tls;
  xmpp::ServerStreamOptions options;
  options.domain = "example.org";
  options.tls = static_cast<Tls>(data[0] & 3);
  options.external_by_uid = (data[0] & 4) != 0;
  const size_t piece = (data[0] & 8) != 0 ? 1 + (data[0] >> 4) : size;
  Actions actions;
  ServerStream stream(options, actions);
  net::TlsFacts facts;
  facts.exporter = "e";
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::string kept; !actions.closed && !rest.empty();) {
    kept += rest.substr(0, piece);
    rest.remove_prefix(std::min(piece, rest.size()));
    for (bool again = true; again && !actions.closed;) {
      again = false;
      kept.erase(0, stream.on_bytes(kept));
      if (std::exchange(actions.securing, false)) stream.on_secured(facts), again = true;
      if (std::exchange(actions.asked, false)) stream.on_password(actions.right), again = true;
    }
  }
  if (!actions.closed) stream.end(xmpp::StreamCondition::system_shutdown);
  if (!actions.closed) std::abort();
  return 0;
}
