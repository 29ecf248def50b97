// Fault: the one exception of the API. What went wrong with a call, by what the caller can do about it.
#pragma once
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/error_table.hpp"

namespace xbus::xmpp {
struct LoginError;
}

namespace xbus {

// A value. Handlers throw it to answer with a fault, callers catch it. Any other exception that leaves a handler is a
// crash: the caller sees Kind::failed and not its text.
class Fault : public std::exception {
 public:
  using Kind = FaultKind;

  explicit Fault(Kind kind, std::string message = {});
  // The service's own fault with a code of its own. A code of the table becomes that row.
  Fault(int code, std::string message);

  Kind kind() const { return kind_; }
  std::string_view kind_name() const { return name_of(kind_); }
  // The XML-RPC fault code.
  int code() const { return xmlrpc_code(kind_, code_); }
  const std::string& message() const { return message_; }
  // "no-such-method: system.frobnicate"
  const char* what() const noexcept override { return what_.c_str(); }

  // Facts for programs beside the message, e.g. {"retry-after", "3"}. They travel to peers that have our feature,
  // within limits::fault_details_max and fault_details_bytes_max; strict peers see code and message.
  using Details = std::vector<std::pair<std::string, std::string>>;
  const Details& details() const { return details_; }
  Fault& detail(std::string name, std::string value);
  // nullptr when absent.
  const std::string* find_detail(std::string_view name) const;

  bool operator==(const Fault& other) const;

 private:
  Kind kind_;
  int code_ = 0;
  std::string message_, what_;
  Details details_;
};

// What a stanza error means for the call that it answers; the condition and the server's text are kept.
Fault fault_from(const xmpp::StanzaError& error);
// What it means for whoever wanted to connect: unavailable (nobody there) or not_logged_in (refused, or not to be
// trusted).
Fault fault_from(const xmpp::LoginError& error);

}  // namespace xbus
