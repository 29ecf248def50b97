#include <expat.h>

#include <cstdio>
#include <cstdlib>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/xmpp/stream_text.hpp"
#include "tests/fuzz/bus_world.hpp"

namespace xbus::fuzz {

using namespace std::chrono_literals;

namespace {

// Less than what one event may make wait, so that queues are often full.
constexpr size_t queue_bytes_max = 64 * 1024;
constexpr size_t kept_bytes_max = 64 * 1024 * 1024;  // of what one peer has read

server::Options server_options() {
  server::Options options;
  options.stanza_bytes_max = limits::stanza_bytes_least;
  options.queue_bytes_per_account_max = queue_bytes_max;
  options.admins = {"alice"};
  return options;
}

registry::RegistryOptions registry_options() {
  registry::RegistryOptions options;
  options.names.claim = registry::Claim::first;
  options.is_admin = [](const xmpp::Jid& jid) { return jid.bare_str() == "alice@localhost"; };
  return options;
}

xml::ScanLimits wide() {
  xml::ScanLimits limits;
  limits.stanza_bytes_max = 64 * limits::stanza_bytes_max;
  limits.attributes_max += limits::xml_prefixes_max + 2;
  return limits;
}

// The domain of an address as it is written here.
std::string domain_of(std::string_view address) {
  address = address.substr(0, address.find('/'));
  return std::string(address.substr(address.find('@') + 1));
}

}  // namespace

void broken(std::string_view what, std::string_view detail) {
  std::fprintf(stderr, "broken: %.*s: %.*s\n", int(what.size()), what.data(), int(detail.size()),
               detail.data());
  std::abort();
}

Peer::Peer(World& world, Kind of, std::string named, uint64_t number)
    : kind(of), name(std::move(named)), session(number), world_(world), scanner_(wide()) {
  if (kind == Kind::user) {
    transport_ = world.server.connect_local(name, world.loop);
  } else {
    net::PipeEnds ends = net::make_pipe(world.loop);
    world.server.accept(std::move(ends.first),
                        kind == Kind::component ? server::ListenerKind::component
                                                : server::ListenerKind::plain_loopback,
                        world.loop);
    transport_ = std::move(ends.second);
  }
  transport_->start(*this);
}

void Peer::log_in(std::string_view resource) {
  if (kind == Kind::component) {
    send(xmpp::stream_header_text({.content_ns = xml::ns_component, .to = name, .version = {}}));
    send("<handshake>" +
         crypto::hex_encode(crypto::digest(crypto::Hash::sha1, scanner_.header().id + "secret")) +
         "</handshake>");
    jid = name;
    return;
  }
  const std::string header = xmpp::stream_header_text({.to = "localhost"});
  send(header);
  send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
  all_.clear();
  unread_.clear();
  scanner_.reset();
  send(header +
       "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
       std::string(resource) + "</resource></bind></iq>");
}

void Peer::send(std::string_view text) {
  outgoing_ += text;
  flush();
  world_.settle();
}

void Peer::flush() {
  if (!usable() || outgoing_.empty()) return;
  outgoing_.erase(0, transport_->write_one(outgoing_));
}

void Peer::pause() {
  if (!usable()) return;
  transport_->pause_reading();
  paused = true;
}

void Peer::resume() {
  if (!usable() || !paused) return;
  paused = false;
  const size_t before = all_.size();
  transport_->resume_reading();
  world_.settle();
  // What waits is bounded: the account's queue, the pipe, and what was told as it emptied.
  if (all_.size() - before > 8 * queue_bytes_max) broken("more than a queue waited", jid);
}

void Peer::hang_up() {
  if (paused && !jid.empty()) world_.lost.insert(jid);
  transport_.reset();
  closed = true;
  world_.settle();
}

void Peer::on_closed(net::CloseReason, std::string_view) {
  if (paused && !jid.empty()) world_.lost.insert(jid);
  closed = true;
}

void Peer::on_data(std::string_view bytes) {
  all_ += bytes;
  if (all_.size() > kept_bytes_max) broken("too much was sent", jid);
  unread_ += bytes;
  for (std::string_view rest = unread_;;) {
    const auto step = scanner_.next(rest);
    rest.remove_prefix(step.consumed);
    if (step.event == xml::Scanner::Event::error) broken("not a stream", all_);
    if (step.event == xml::Scanner::Event::stanza &&
        scanner_.stanza().kind != xml::StanzaView::Kind::other)
      take(xml::build(scanner_.stanza(), scanner_.header()));
    if (step.event == xml::Scanner::Event::more || step.event == xml::Scanner::Event::close) {
      unread_ = std::string(rest);
      return;
    }
  }
}

void Peer::take(const xml::Element& stanza) {
  if (stanza.name() != "iq") return;
  const std::string_view type = stanza.attr_or("type", ""), id = stanza.attr_or("id", "");
  if (type == "get" || type == "set") {
    waiting_.push_back(stanza);
    const xml::Element* payload = stanza.first_element();
    const xml::Element* mark = payload ? payload->first("request", ns_marks) : nullptr;
    const auto known = mark ? world_.requests.find(mark->text()) : world_.requests.end();
    if (known != world_.requests.end()) ++known->second.delivered;
    return;
  }
  if (id == "bind") {
    const xml::Element* bind = stanza.first("bind", xmpp::ns_bind);
    if (bind && bind->first_element()) jid = bind->first_element()->text();
    return;
  }
  if (id == "witness") ++pings;
  const auto known = world_.requests.find(std::string(id));
  if (known == world_.requests.end() || known->second.sender != session) return;
  if (!stanza.first("answer", ns_marks)) ++known->second.answered_by_bus;
}

void Peer::answer(uint8_t how) {
  if (waiting_.empty() || !usable()) return;
  const xml::Element request = waiting_.front();
  if (how % 8 != 7) waiting_.pop_front();  // else once more later
  if (how % 8 == 6) return;                // never
  xml::Element iq("iq", kind == Kind::component ? xml::ns_component : xml::ns_client);
  iq.set("id", how % 8 == 5 ? "wrong" : request.attr_or("id", ""));
  iq.set("to", request.attr_or("from", "")).set("type", how % 8 == 4 ? "error" : "result");
  if (kind == Kind::component) iq.set("from", request.attr_or("to", ""));
  iq.add(xml::Element("answer", ns_marks));
  if (how % 8 == 4)
    iq.add(xmpp::to_element(xmpp::StanzaError(xmpp::Condition::not_allowed), iq.ns()));
  send(xml::write(iq, iq.ns()));
}

void Peer::check() const {
  const XML_Parser parser = XML_ParserCreateNS("UTF-8", '\x01');
  const auto status = XML_Parse(parser, all_.data(), static_cast<int>(all_.size()), 0);
  if (status != XML_STATUS_OK) broken(XML_ErrorString(XML_GetErrorCode(parser)), all_);
  XML_ParserFree(parser);
}

World::World(uint64_t tag)
    : registry(registry_options(), *store),
      server(server_options(), {&loop}, *store, [](auto&&...) {}),
      tag_("q" + std::to_string(tag) + "-") {
  server.attach("services.localhost", registry);
  server.allow_component("echo.localhost", "secret");
}

World::~World() {
  peers.clear();
  server.detach("services.localhost");
}

Peer& World::connect(Peer::Kind kind, std::string name) {
  return *peers.emplace_back(
      std::make_unique<Peer>(*this, kind, std::move(name), peers.size() + 1));
}

void World::request(Peer& from, std::string_view to, std::string_view type,
                    std::string_view payload) {
  if (!from.usable() || from.jid.empty()) return;
  const std::string id = tag_ + std::to_string(requests.size());
  Request& made = requests[id];
  made.sender = from.session;
  made.to = to;
  made.dispatched = to.ends_with("@services.localhost");
  xml::Element iq("iq", from.kind == Peer::Kind::component ? xml::ns_component : xml::ns_client);
  iq.set("id", id).set("type", type);
  if (!to.empty()) iq.set("to", to);
  if (from.kind == Peer::Kind::component) iq.set("from", "somebody@" + from.jid);
  if (auto element = xml::parse(payload)) {
    element->add(xml::Element("request", ns_marks)).add_text(id);
    iq.add(*std::move(element));
  }
  from.send(xml::write(iq, iq.ns()));
}

void World::finish() {
  for (auto& peer : peers) peer->resume();
  settle();
  for (int i = 0; i < 9; ++i) loop.advance(10s), settle();
  for (const auto& peer : peers) {
    peer->check();
    if (peer->innocent && !peer->jid.empty() && peer->closed)
      broken("the stream of an innocent was ended", peer->jid);
  }
  for (const auto& [id, request] : requests) {
    const Peer& sender = *peers[request.sender - 1];
    const bool may_be_lost = lost.contains(request.to) || lost.contains(domain_of(request.to));
    if (request.answered_by_bus > 1) broken("answered twice", id + " to " + request.to);
    if (request.delivered > 1) broken("delivered twice", id + " to " + request.to);
    if (!request.dispatched && request.delivered + request.answered_by_bus > 1 && !may_be_lost)
      broken("delivered and answered", id + " to " + request.to);
    // What went to a session that stopped reading, or is owed to one, may be lost with it; what a
    // guilty one sent may have been inside something else.
    if (!sender.innocent || sender.closed || may_be_lost) continue;
    if (request.delivered + request.answered_by_bus == 0)
      broken("not answered", id + " to " + request.to);
  }
  Peer& witness = *peers.front();
  witness.send("<iq type='get' id='witness' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
  witness.send("<iq type='result' id='witness' to='" + witness.jid + "'/>");
  if (witness.closed || witness.pings != 2) broken("the witness gets no answer", witness.jid);
}

}  // namespace xbus::fuzz
