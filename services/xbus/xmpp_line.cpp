#include "services/xbus/xmpp_line.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/xmpp/error.hpp"

namespace xbus::cli {
namespace {

constexpr std::string_view ns_rpc = "jabber:iq:rpc";
constexpr std::string_view text_begin = "<string>", text_end = "</string>";

void attribute(std::string& out, std::string_view name, std::string_view as_sent) {
  const char quote = as_sent.find('\'') == std::string_view::npos ? '\'' : '"';
  out += ' ';
  out += name;
  out += '=';
  out += quote;
  out += as_sent;
  out += quote;
}

Fault fault_of(const xmpp::LoginError& why) {
  using Kind = xmpp::LoginError::Kind;
  switch (why.kind) {
    case Kind::unreachable:
      return Fault(Fault::Kind::unavailable, why.text);
    case Kind::closed:
    case Kind::stream_error:
      return Fault(Fault::Kind::lost, why.text.empty() ? "the stream has ended" : why.text);
    default:
      return Fault(Fault::Kind::not_logged_in, why.text);
  }
}

}  // namespace

XmppLine::XmppLine(LoadServer& server, Place place, LoadLine::Owner& owner)
    : server_(server), place_(place), owner_(owner) {}

XmppLine::~XmppLine() {
  if (connection_) connection_->detach();
}

void XmppLine::start() {
  connector_ = server_.connector();
  connector_->start([this](Result<net::Connected, std::string> connected) {
    if (!connected) return end(Fault(Fault::Kind::unavailable, connected.error()));
    open(std::move(*connected));
  });
}

void XmppLine::open(net::Connected connected) {
  using Tls = xmpp::ClientStreamOptions::Tls;
  const client::Options& options = server_.options();
  const bool local = server_.address().kind == net::Address::Kind::unix_socket;
  const bool secure = !local && (connected.direct_tls || server_.secure());
  client::Connection::Plan plan;
  if (secure) {
    auto trust = server_.trust(connected.direct_tls);
    if (!trust) return end(Fault(Fault::Kind::not_logged_in, trust.error()));
    plan.tls = *trust;
  }
  plan.server_name = server_.domain();
  plan.direct_tls = connected.direct_tls;
  plan.stream.domain = server_.domain();
  plan.stream.account = server_.account_of(place_.index);
  plan.stream.password = options.password;
  plan.stream.resource = "bench-" + crypto::random_id(6);
  plan.stream.tls = connected.direct_tls ? Tls::done : secure ? Tls::required : Tls::never;
  plan.stream.external = local ? options.password.empty() : !options.certificate_file.empty();
  client::Connection::Owner& owner = *this;
  connection_ = std::make_shared<client::Connection>(server_.loop(), std::move(connected.transport),
                                                     std::move(plan), owner);
  connection_->start();
}

void XmppLine::on_established(const xmpp::Jid& jid) {
  address_ = jid.str();
  owner_.on_ready(*this);
}

void XmppLine::aim(const std::string& address) {
  target_.clear();
  xml::escape_attribute(target_, address);
  head_ = "<iq type='set'";
  attribute(head_, "to", target_);
  head_ += " id='";
  tail_ =
      "'><query "
      "xmlns='jabber:iq:rpc'><methodCall><methodName>echo</"
      "methodName><params><param><value><string>" +
      std::string(place_.payload_bytes, 'x') +
      "</string></value></param></params></methodCall></query></iq>";
}

bool XmppLine::call(uint64_t id) {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), id);
  text_.assign(head_);
  text_.append(digits.data(), written.ptr);
  text_.append(tail_);
  return connection_ && connection_->queue(text_);
}

void XmppLine::on_stanza(const xml::StanzaView& stanza, const xml::HeaderView& header) {
  if (stanza.kind != xml::StanzaView::Kind::iq) return;
  const std::string_view type = stanza.type.value;
  if (type == "result" || type == "error") return answered(stanza, header);
  asked(stanza);
}

void XmppLine::answered(const xml::StanzaView& stanza, const xml::HeaderView& header) {
  const std::string_view word = stanza.id.value, from = stanza.from.value;
  uint64_t id = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), id);
  const bool ours =
      !word.empty() && read.ec == std::errc() && read.ptr == word.data() + word.size();
  // An answer counts when it comes from the one who was asked.
  if (!ours || (from != target_ && xml::unescape(from) != xml::unescape(target_))) return;
  if (stanza.type.value == "error") {
    const auto error = xmpp::stanza_error_from(xml::build(stanza, header));
    return owner_.on_answer(*this, id, fault_from(error).kind());
  }
  const bool whole = stanza.payload_name == "query" && stanza.payload_ns == ns_rpc &&
                     stanza.bytes.size() >= place_.payload_bytes &&
                     stanza.bytes.find("<methodResponse>") != std::string_view::npos;
  owner_.on_answer(*this, id, whole ? FaultKind::ok : FaultKind::malformed);
}

// A call to the echo, or something that a caller has nothing to say to: a ping, say.
void XmppLine::asked(const xml::StanzaView& stanza) {
  const size_t begin = stanza.bytes.find(text_begin), end = stanza.bytes.rfind(text_end);
  const bool call = place_.role == Role::echo && stanza.payload_ns == ns_rpc &&
                    end != std::string_view::npos && begin != std::string_view::npos &&
                    begin + text_begin.size() <= end;
  text_ = "<iq type='";
  text_ += call ? "result'" : "error'";
  if (stanza.from.present()) attribute(text_, "to", stanza.from.value);
  attribute(text_, "id", stanza.id.value);
  if (call) {
    text_ += "><query xmlns='jabber:iq:rpc'><methodResponse><params><param><value><string>";
    text_ += stanza.bytes.substr(begin + text_begin.size(), end - begin - text_begin.size());
    text_ += "</string></value></param></params></methodResponse></query></iq>";
  } else {
    text_ +=
        "><error type='cancel'><service-unavailable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
  }
  connection_->queue(text_);
}

void XmppLine::on_ended(const xmpp::LoginError& why) { end(fault_of(why)); }

void XmppLine::end(Fault why) {
  if (!std::exchange(gone_, true)) owner_.on_ended(*this, why);
}

}  // namespace xbus::cli
