// What peers send in pieces: a line each, by whom or what else happens and the element. Whatever comes, no more is held
// than may be, what is given was sent, and nothing stays when all have gone.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "rpc/piece_inbox.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const xmpp::Jid peers[] = {*xmpp::Jid::parse("a@localhost/x"), *xmpp::Jid::parse("b@localhost/x")};
  std::string_view input(reinterpret_cast<const char*>(data), size);
  PieceQuota quota;
  PieceInbox inbox(quota, [](const xmpp::Jid&, pieces::Kind) { return std::nullopt; });
  std::map<std::string, size_t> sent;
  Time now{};
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (line.empty()) continue;
    const xmpp::Jid& from = peers[line[0] & 1];
    const auto element = xml::parse(line.substr(1), pieces::ns, {.stanza_bytes_max = limits::stanza_bytes_assumed});
    if (!element) {
      now += std::chrono::seconds(7);
      inbox.on_time(now);
    } else if (element->name() == "piece") {
      const auto piece = pieces::piece_from(*element);
      if (piece && pieces::piece_from(pieces::to_element(*piece)) != piece) std::abort();
      if (!inbox.take(from, *element, now)) sent[from.str()] += piece->bytes.size();
    } else if (element->name() == "whole") {
      const auto whole = pieces::whole_from(*element);
      const auto text = whole ? inbox.collect(from, whole->id, pieces::Kind::call) : std::nullopt;
      if (text && text->size() > sent[from.str()]) std::abort();
    } else if (element->name() == "drop") {
      inbox.drop(from, std::string(element->attr_or("id", "")));
    } else {
      inbox.forget(from);
    }
    if (quota.bytes() > 2 * limits::pieces_bytes_per_account_max || (inbox.size() == 0) != (quota.bytes() == 0)) std::abort();
  }
  inbox.on_time(now + limits::piece_silence_time);
  if (inbox.size() != 0 || quota.bytes() != 0 || inbox.next_time()) std::abort();
  return 0;
}
