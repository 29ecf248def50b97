// What a server answers to a client: the stream machine neither crashes nor speaks after its end,
// and is not established without a login that holds. The first byte picks the options.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/client_stream.hpp"

using namespace xbus;
using xmpp::ClientStream;

namespace {

struct Actions final : ClientStream::Actions {
  void say() {
    if (closed) std::abort();
  }
  void send(std::string_view) override { say(); }
  void start_tls() override { say(), securing = true; }
  void hash_password(xmpp::ScramWork) override { say(), hashing = true; }
  void established(const xmpp::Jid& jid) override {
    say();
    if (!jid.is_full()) std::abort();
  }
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override {
    if (stanza.kind == xml::StanzaView::Kind::other) std::abort();
  }
  void resumed() override { say(), went_on = true; }
  void not_resumed(Handled) override { say(); }
  void failed(const xmpp::LoginError&) override { say(); }
  void close() override { say(), closed = true; }
  bool closed = false, securing = false, hashing = false, went_on = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  xmpp::ClientStreamOptions options;
  options.domain = "example.org";
  options.tls = (data[0] & 1) != 0 ? xmpp::ClientStreamOptions::Tls::required
                                   : xmpp::ClientStreamOptions::Tls::never;
  options.external = (data[0] & 2) != 0;
  if ((data[0] & 4) != 0) options.account = "alice", options.password = "secret";
  // Stream management is wanted; with a former session, too.
  if ((data[0] & 64) != 0) options.sm = std::make_shared<xmpp::SmSession>();
  const bool former = (data[0] & 32) != 0 && options.sm;
  if (former) {
    options.sm->on = options.sm->counting = true;
    options.sm->terms.id = "kept";
    options.sm->jid = *xmpp::Jid::parse("alice@example.org/desk");
    for (int i = 0; i < 2; ++i) options.sm->counts.sent("<message/>", 1);
  }
  const size_t piece = (data[0] & 8) != 0 ? 1 + (data[0] >> 4) : size;
  Actions actions;
  ClientStream stream(options, actions);
  net::TlsFacts facts;
  facts.version = "TLSv1.3";
  facts.exporter = "e";
  stream.start();
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::string kept; !actions.closed && !rest.empty();) {
    kept += rest.substr(0, piece);
    rest.remove_prefix(std::min(piece, rest.size()));
    kept.erase(0, stream.on_bytes(kept));
    if (std::exchange(actions.securing, false)) stream.on_secured(facts);
    if (std::exchange(actions.hashing, false)) stream.on_password_hashed("no rounds are run here");
  }
  if (stream.established() && !options.external) std::abort();  // nobody guesses the proof
  if (actions.went_on && !former) std::abort();
  return 0;
}
