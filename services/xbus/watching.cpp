#include "services/xbus/watching.hpp"

#include <algorithm>
#include <utility>

#include "rpc/registry/protocol.hpp"
#include "services/common/counted.hpp"

namespace xbus::cli {
namespace {

// Names of services compare without case, as addresses do.
bool same_name(std::string_view one, std::string_view other) {
  const auto first = registry::service_address(one, "services");
  return first && first == registry::service_address(other, "services");
}

}  // namespace

Result<server::TapFilter, std::string> filter_of(const WatchWords& words) {
  server::TapFilter filter;
  const auto jid_of = [](const std::string& word, xmpp::Jid& jid) {
    if (word.empty()) return true;
    auto parsed = xmpp::Jid::parse(word);
    if (parsed) jid = std::move(*parsed);
    return parsed.ok();
  };
  if (!jid_of(words.from, filter.from)) return Err{"\"" + words.from + "\" is no JID"};
  if (!jid_of(words.to, filter.to)) return Err{"\"" + words.to + "\" is no JID"};
  if (!words.kind.empty()) {
    filter.iqs = words.kind == "iq";
    filter.messages = words.kind == "message";
    filter.presences = words.kind == "presence";
  }
  if (words.payload.size() > limits::xml_namespace_bytes_max)
    return Err{std::string("no namespace is that long")};
  filter.payload_ns = words.payload;
  filter.errors = words.errors;
  return filter;
}

void Watching::learn(const CaptureItem::Instance& instance) {
  if (!words_.service.empty() && same_name(instance.service, words_.service))
    instances_.push_back(instance.jid);
}

bool Watching::names_service(const xmpp::Jid& jid) const {
  if (jid.local().empty()) return false;
  const auto address = registry::service_address(words_.service, jid.domain());
  return address && jid.domain().starts_with("services.") && address->local() == jid.local();
}

bool Watching::wants(const xml::Element& stanza) {
  const server::Seen seen = server::seen_of(stanza);
  if (!words_.service.empty()) {
    const auto near = [&](const xmpp::Jid& jid) {
      return names_service(jid) ||
             std::find(instances_.begin(), instances_.end(), jid) != instances_.end();
    };
    if (!near(seen.from) && !near(seen.to)) return false;
    const bool registers = stanza.name() == "presence" && seen.type.empty();
    if (registers && names_service(seen.to) && !near(seen.from)) instances_.push_back(seen.from);
  }
  return server::passes(filter_, seen);
}

void Watching::write(const CaptureItem& item) {
  if (!capture_) return;
  const auto done = capture_->add(item);
  if (!done) end(invocation_.fail("monitor", done.error()));
}

void Watching::printed(bool written) {
  if (!written) end(exit_local_trouble);
}

void Watching::show(xmpp::Forwarded seen) {
  if (over()) return;
  CaptureItem item;
  item.seen = seen;
  write(item);
  Sighting sighting{seen.delay ? seen.delay->stamp : Timestamp(), std::move(seen.stanza)};
  requests_.see(sighting);
  if (words_.xml) {
    printed(invocation_.print_text(sighting_xml(sighting, invocation_.out)));
  } else if (invocation_.wants_json()) {
    printed(invocation_.print_line(sighting_value(sighting)));
  } else {
    printed(invocation_.print_text(sighting_line(sighting, invocation_.out)));
  }
  if (words_.count != 0 && ++shown_ >= words_.count) end(0);
}

void Watching::missed(uint64_t stanzas) {
  if (over()) return;
  CaptureItem item;
  item.missed = stanzas;
  write(item);
  if (invocation_.wants_json() && !words_.xml) {
    printed(invocation_.print_line(Value::structure({{"missed", static_cast<int64_t>(stanzas)}})));
  } else {
    const std::string text = "-- " + common::counted(stanzas, "stanza") + " missed";
    printed(invocation_.print_text(invocation_.out.dim(text) + "\n"));
  }
}

}  // namespace xbus::cli
