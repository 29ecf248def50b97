#include "rpc/fault.hpp"

#include "bus/xmpp/client_stream.hpp"

namespace xbus {

namespace {
std::string describe(FaultKind kind, int code, const std::string& message) {
  std::string what = kind == FaultKind::custom ? "fault " + std::to_string(code) : std::string(name_of(kind));
  if (!message.empty()) what += ": " + message;
  return what;
}
}  // namespace

Fault::Fault(Kind kind, std::string message)
    : kind_(kind), message_(std::move(message)), what_(describe(kind, 0, message_)) {}

Fault::Fault(int code, std::string message) : kind_(Kind::custom), message_(std::move(message)) {
  const Reading reading = read_xmlrpc(code);
  kind_ = reading.kind;
  code_ = reading.code;
  what_ = describe(kind_, code_, message_);
}

Fault& Fault::detail(std::string name, std::string value) {
  details_.emplace_back(std::move(name), std::move(value));
  return *this;
}

const std::string* Fault::find_detail(std::string_view name) const {
  for (const auto& [key, value] : details_)
    if (key == name) return &value;
  return nullptr;
}

bool Fault::operator==(const Fault& other) const {
  return kind_ == other.kind_ && code_ == other.code_ && message_ == other.message_ && details_ == other.details_;
}

Fault fault_from(const xmpp::StanzaError& error) {
  Fault fault(read_stanza(error).kind, error.text.empty() ? std::string(name_of(error.condition)) : error.text);
  fault.detail("condition", std::string(name_of(error.condition)));
  return fault;
}

Fault fault_from(const xmpp::LoginError& error) {
  using Kind = xmpp::LoginError::Kind;
  switch (error.kind) {
    case Kind::wrong_credentials:
      return Fault(Fault::Kind::not_logged_in, "the bus refuses this account or its password (" + error.text + ")");
    case Kind::no_common_mechanism:
      return Fault(Fault::Kind::not_logged_in, "no way to log in that both sides have (" + error.text + ")");
    case Kind::bind_refused: return Fault(Fault::Kind::not_logged_in, "the bus binds no session (" + error.text + ")");
    case Kind::untrusted:
    case Kind::downgrade:
    case Kind::tls_not_offered:
      return Fault(Fault::Kind::not_logged_in, error.text.empty() ? "the bus cannot be trusted" : error.text);
    case Kind::stream_error:
      if (error.stream == xmpp::StreamCondition::conflict)
        return Fault(Fault::Kind::unavailable, "another session of the account has taken this one's place");
      return Fault(Fault::Kind::unavailable, "the bus ended the stream: " + std::string(name_of(error.stream)));
    case Kind::not_xmpp:
      return Fault(Fault::Kind::unavailable, "what answers there speaks no XMPP: \"" + error.text + "\"");
    default: break;
  }
  return Fault(Fault::Kind::unavailable, error.text.empty() ? "no bus answers there" : error.text);
}

}  // namespace xbus
