#include "tests/bus/server/bus.hpp"

#include "bus/xmpp/error.hpp"

namespace xbus::server {

Bus::Bus(Options options, std::unique_ptr<store::Store> kept)
    : store(std::move(kept)),
      server(std::move(options), {&loop}, *store,
             [this](std::string_view level, std::string_view event, const auto& fields) {
               LogLine line{std::string(level), std::string(event), {}};
               for (const auto& [name, value] : fields) line.fields.emplace_back(name, value);
               log.push_back(std::move(line));
             }) {}

namespace {

xml::ScanLimits wide() {
  xml::ScanLimits limits;
  limits.stanza_bytes_max = 8 * 1024 * 1024;
  limits.attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max;
  return limits;
}

}  // namespace

Actor::Actor(Bus& bus, std::string local) : bus_(bus), scanner_(wide()) {
  transport_ = bus.server.connect_local(std::move(local), bus.loop);
  transport_->start(*this);
}

Actor::Actor(Bus& bus, ListenerKind kind) : Actor(bus, kind, {"pipe", true, {}, {}}) {}

Actor::Actor(Bus& bus, ListenerKind kind, const net::PeerAddress& from)
    : bus_(bus), scanner_(wide()) {
  net::PipeEnds ends = net::make_pipe(bus.loop, {.first_sees = from});
  bus.server.accept(std::move(ends.first), kind, bus.loop);
  transport_ = std::move(ends.second);
  transport_->start(*this);
}

void Actor::send(std::string_view text) {
  put(text);
  bus_.settle();
}

void Actor::put(std::string_view text) {
  outgoing_ += text;
  flush();
}

void Actor::flush() {
  if (outgoing_.empty() || closed_) return;
  outgoing_.erase(0, transport_->write_one(outgoing_));
}

void Actor::on_writable() { flush(); }

void Actor::on_data(std::string_view bytes) {
  all_ += bytes;
  unread_ += bytes;
}

std::string Actor::login(std::string_view resource, std::string_view header) {
  send(header);
  send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
  EXPECT_NE(all_.find("<success"), std::string::npos) << all_;
  all_.clear();
  unread_.clear();
  std::string escaped;
  xml::escape_text(escaped, resource);
  send(std::string(header) +
       "<iq xmlns='jabber:client' type='set' id='bind'><bind "
       "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
       escaped + "</resource></bind></iq>");
  auto got = stanzas();
  EXPECT_FALSE(got.empty()) << all_;
  if (!got.empty()) {
    const xml::Element* bind = got.back().first("bind", "urn:ietf:params:xml:ns:xmpp-bind");
    EXPECT_NE(bind, nullptr) << all_;
    if (bind != nullptr) jid_ = bind->first_element()->text();
  }
  return jid_;
}

std::string Actor::appear(std::string_view resource, int priority) {
  login(resource);
  send("<presence><priority>" + std::to_string(priority) + "</priority></presence>");
  forget();
  return jid_;
}

std::vector<xml::Element> Actor::stanzas() {
  bus_.settle();
  std::vector<xml::Element> found;
  size_t done = 0;
  for (;;) {
    auto step = scanner_.next(std::string_view(unread_).substr(done));
    done += step.consumed;
    if (step.event == xml::Scanner::Event::stanza) {
      if (scanner_.stanza().name == "features") continue;
      found.push_back(xml::build(scanner_.stanza(), scanner_.header()));
    } else if (step.event == xml::Scanner::Event::header) {
      continue;
    } else {
      EXPECT_NE(step.event, xml::Scanner::Event::error) << all_;
      break;
    }
  }
  unread_.erase(0, done);
  return found;
}

std::vector<std::string> Actor::texts() {
  std::vector<std::string> all;
  for (const xml::Element& stanza : stanzas())
    all.push_back(xml::write(stanza, scanner_.header().content_ns));
  return all;
}

std::string Actor::bytes() {
  bus_.settle();
  return std::exchange(unread_, {});
}

void Actor::hang_up() {
  transport_.reset();
  bus_.settle();
}

void Actor::stop_reading() { transport_->pause_reading(); }
void Actor::read_again() {
  transport_->resume_reading();
  bus_.settle();
}

std::string condition_of(const xml::Element& stanza) {
  if (stanza.attr_or("type", "") != "error") return xml::write(stanza, xml::ns_client);
  return std::string(xmpp::name_of(xmpp::stanza_error_from(stanza).condition));
}

}  // namespace xbus::server
