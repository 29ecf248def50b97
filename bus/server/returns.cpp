#include "bus/server/returns.hpp"

#include <memory>
#include <utility>

#include "bus/server/hub.hpp"
#include "bus/xmpp/delay.hpp"

namespace xbus::server {
namespace {

constexpr size_t stanzas_per_part = 64;
constexpr size_t bytes_per_part = 64 * 1024;

// What is kept meanwhile, charged to the account that it waited for.
struct Kept {
  Kept(Hub& to, const xmpp::Jid& account)
      : hub(to),
        hold(to.routes, to.routes.owner(account, to.options.queue_bytes_per_account_max)),
        charge(hold.owner()->quota(), limits::queue_bytes_per_connection_max) {}
  Hub& hub;
  router::Hold hold;  // before the charge: the quota goes last
  router::Charge charge;
};

struct Unsent : Kept {
  Unsent(Hub& to, const xmpp::Jid& account, std::vector<router::Piece> given, size_t written)
      : Kept(to, account), pieces(std::move(given)), written_left(written), scanner(written_limits()) {
    header.name = "stream";
    header.ns = xml::ns_stream;
    header.content_ns = xml::ns_client;
    header.prefixes = {{"", std::string(xml::ns_client)}, {"stream", std::string(xml::ns_stream)}};
    scanner.assume(header);
    for (const router::Piece& piece : pieces) charge.add_anyway(piece.bytes().size());
    if (pieces.front().continues) {
      pieces[number++] = {};
      written_left = 0;
    }
  }

  bool part() {
    size_t stanzas = 0, bytes = 0;
    while (number < pieces.size() && stanzas < stanzas_per_part && bytes < bytes_per_part) {
      const std::string_view window = pieces[number].bytes().substr(at);
      if (window.empty()) {
        pieces[number++] = {};
        at = 0;
        continue;
      }
      auto step = scanner.next(window);
      at += step.consumed;
      if (step.event == xml::Scanner::Event::more && join()) continue;
      if (step.event != xml::Scanner::Event::stanza) return false;  // the stream's own end
      charge.release(step.consumed);
      ++stanzas;
      bytes += step.consumed;
      if (step.consumed <= written_left) {
        written_left -= step.consumed;
        continue;
      }
      written_left = 0;
      if (scanner.stanza().kind != xml::StanzaView::Kind::other)
        hub.undelivered(xml::build(scanner.stanza(), header));
    }
    return number < pieces.size();
  }

  // The stanza goes on in the next piece: both become one.
  bool join() {
    if (number + 1 == pieces.size()) return false;
    std::string both(pieces[number].bytes().substr(at));
    both += pieces[number + 1].bytes();
    pieces[number++] = {};
    at = 0;
    pieces[number] = {};
    pieces[number].size = static_cast<uint32_t>(both.size());
    pieces[number].shared = std::make_shared<const std::string>(std::move(both));
    return true;
  }

  std::vector<router::Piece> pieces;
  size_t number = 0, at = 0;  // piece and place of the next stanza
  size_t written_left;       // of the first piece
  xml::Scanner scanner;
  xml::HeaderView header;
};

struct Unacked : Kept {
  Unacked(Hub& to, const xmpp::Jid& account, std::deque<xmpp::StreamManagement::Kept> given)
      : Kept(to, account), stanzas(std::move(given)) {
    for (const auto& kept : stanzas) charge.add_anyway(kept.bytes.size());
  }

  bool part() {
    size_t bytes = 0;
    for (size_t count = 0; count < stanzas_per_part && bytes < bytes_per_part; ++count) {
      if (stanzas.empty()) return false;
      const auto kept = std::move(stanzas.front());
      stanzas.pop_front();
      charge.release(kept.bytes.size());
      bytes += kept.bytes.size();
      give_back(kept);
    }
    return !stanzas.empty();
  }

  void give_back(const xmpp::StreamManagement::Kept& kept) {
    auto stanza = xml::parse(kept.bytes, xml::ns_client, written_limits());
    if (!stanza) return;
    if (stanza->name() == "message" && !xmpp::delay_of(*stanza, hub.domain)) {
      const Timestamp first{Timestamp::duration(static_cast<int64_t>(kept.mark))};
      stanza->add(xmpp::to_element(xmpp::Delay{first, hub.domain, {}}));
    }
    hub.undelivered(*stanza);
  }

  std::deque<xmpp::StreamManagement::Kept> stanzas;
};

}  // namespace

void return_unsent(Hub& hub, const xmpp::Jid& account, std::vector<router::Piece> pieces,
                   size_t written) {
  if (pieces.empty()) return;
  hub.in_parts([left = std::make_shared<Unsent>(hub, account, std::move(pieces), written)] {
    return left->part();
  });
}

void return_unacked(Hub& hub, const xmpp::Jid& account,
                    std::deque<xmpp::StreamManagement::Kept> stanzas) {
  if (stanzas.empty()) return;
  hub.in_parts([left = std::make_shared<Unacked>(hub, account, std::move(stanzas))] {
    return left->part();
  });
}

}  // namespace xbus::server
