#include "services/xbus/diagnosis.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "bus/net/address.hpp"

namespace xbus::cli {
namespace {

using client::Step;
using Kind = Step::Kind;
using Result = Finding::Result;
using Login = xmpp::LoginError::Kind;

}  // namespace

Diagnosis::Diagnosis(Asked of, Tell tell, Look look)
    : asked_(std::move(of)),
      tell_(std::move(tell)),
      look_(std::move(look)),
      order_({"address", "srv", "host", "socket", "connect", "stream", "starttls", "certificate",
              "tls", "sasl", "login", "bind", "limits", "registry", "services", "call"}) {}

std::string Diagnosis::reason_to_skip(std::string_view step) const {
  if (kind_ != FaultKind::ok) return "not reached";
  if (step == "call") return "no instance is listed";
  if (step == "socket") return "no unix socket";
  if (scheme_ == "unix") return "a unix socket";
  if (step == "srv") return port_given_ ? "the address has a port" : "this host";
  if (step == "starttls" && direct_tls_) return "direct TLS";
  return scheme_ == "tcp" ? "plain, on this host only" : "not needed";
}

void Diagnosis::pass_over(std::string_view until) {
  const auto at = std::find(order_.begin(), order_.end(), until);
  const auto end = static_cast<size_t>(at - order_.begin());
  for (; next_ < end; ++next_)
    tell_({.result = Result::skipped,
           .step = std::string(order_[next_]),
           .says = reason_to_skip(order_[next_])});
  // Told more than once, as connections to several addresses are.
  if (at != order_.end()) next_ = std::max(next_, end + 1);
}

void Diagnosis::tell(const Finding& finding) {
  pass_over(finding.step);
  if (finding.result == Result::failed && kind_ == FaultKind::ok) kind_ = finding.kind;
  tell_(finding);
}

void Diagnosis::settle(bool another_was_found) {
  for (auto& group : std::exchange(pending_, {})) {
    for (Finding& finding : group) {
      if (another_was_found && finding.result == Result::failed) {
        finding.result = Result::skipped;
        finding.advice = "another was tried";
      }
      tell(finding);
    }
  }
}

std::vector<Finding> Diagnosis::of_connect(const Step& step) {
  Finding connect = finding_of(step, asked_);
  if (!step.subject.starts_with('/') && scheme_ != "unix") return {std::move(connect)};
  scheme_ = "unix";
  const SocketFile file = look_(step.subject);
  Finding socket;
  socket.step = "socket";
  socket.says = step.subject + (file.error == 0 ? " " + belongs_text(file) : "");
  if (step.done) return {std::move(socket), std::move(connect)};
  const int error = step.dialed ? step.dialed->error : 0;
  socket.result = Result::failed;
  socket.kind = connect.kind;
  socket.took = connect.took;
  if (file.error == ENOENT || file.error == ENOTDIR) {
    socket.cause = "missing";
    socket.says = "there is no " + step.subject;
    socket.advice = "start xbusd, or say with --bus where the bus is";
  } else if (error == EACCES || error == EPERM) {
    socket.cause = "permission";
    socket.says += file.error == 0 ? ": you may not connect" : " is closed to you";
    socket.advice = "ask its owner, or start a bus of your own";
  } else if (file.error == 0 && !file.is_socket) {
    socket.cause = "no-socket";
    socket.says += ": it is no socket";
    socket.advice = "say with --bus where the bus is";
  } else {
    socket.result = Result::ok;
    if (error == ECONNREFUSED) connect.advice = "its bus has ended: start xbusd";
    return {std::move(socket), std::move(connect)};
  }
  return {std::move(socket)};
}

void Diagnosis::on_step(const Step& step) {
  if (step.error && step.error->kind == Login::see_other_host) {
    // The way begins anew, if it does not end here.
    settle(true);
    return tell({.step = std::string(word_of(step.kind)),
                 .says = "sent on to " + step.error->text,
                 .took = step.took});
  }
  if (step.kind == Kind::address && step.done && !step.found.empty()) {
    const auto address = net::parse_address(step.found.front());
    const std::string& text = step.found.front();
    scheme_ = text.substr(0, text.find(':'));
    port_given_ = address && address->port != 0;
  }
  const bool secures = step.kind == Kind::certificate || step.kind == Kind::tls;
  const auto told_already = [this](std::string_view word) {
    return std::find(order_.begin(), order_.begin() + static_cast<long>(next_), word) !=
           order_.begin() + static_cast<long>(next_);
  };
  if (secures && !told_already("stream") && !direct_tls_) {
    direct_tls_ = true;
    const auto stream = std::find(order_.begin(), order_.end(), "stream");
    std::rotate(stream, stream + 2, stream + 4);  // certificate and TLS come before the stream
  }
  std::vector<Finding> findings = step.kind == Kind::connect
                                      ? of_connect(step)
                                      : std::vector<Finding>{finding_of(step, asked_)};
  if (!step.done && !step.error) {
    pending_.push_back(std::move(findings));
    return;
  }
  // What ended the attempt was told before, as one of several ways.
  if (step.error && !pending_.empty()) pending_.pop_back();
  settle(step.done);
  for (const Finding& finding : findings) tell(finding);
}

void Diagnosis::found(Finding finding) { tell(finding); }

void Diagnosis::end() { pass_over({}); }

}  // namespace xbus::cli
