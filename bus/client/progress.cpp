#include "bus/client/progress.hpp"

#include <utility>

namespace xbus::client {

using Kind = Step::Kind;

void Progress::begin(Step::Kind kind, std::string subject) {
  under_way_ = kind;
  subject_ = std::move(subject);
  since_ = loop_.clock();
  failure_.reset();
}

void Progress::tell(const Step& step) {
  since_ = loop_.clock();
  if (told_) told_(step);
}

void Progress::ended(Step step) {
  step.took = loop_.clock() - since_;
  step.done = true;
  tell(step);
}

void Progress::ended(const net::ConnectStep& dialed) {
  Step step{.kind = Kind::connect, .done = dialed.done, .subject = dialed.subject, .found = dialed.found};
  if (dialed.kind == net::ConnectStep::Kind::records) step.kind = Kind::records;
  if (dialed.kind == net::ConnectStep::Kind::addresses) step.kind = Kind::host;
  step.took = dialed.took;
  step.dialed = dialed;
  failure_ = step.done ? std::nullopt : std::optional(step);
  // What comes next, should nothing be heard of it.
  under_way_ = step.kind;
  subject_ = step.subject;
  if (step.done && step.kind == Kind::records) under_way_ = Kind::host;
  if (step.done && step.kind == Kind::host) {
    under_way_ = Kind::connect;
    subject_ = step.found.front();
  }
  tell(step);
}

void Progress::ended(const net::ShownCertificate& certificate) {
  Step step{.kind = Kind::certificate, .done = certificate.fault == net::CertificateFault::none};
  step.took = loop_.clock() - since_;
  step.certificate = certificate;
  if (!step.done) failure_ = step;
  tell(step);
}

void Progress::failed(const xmpp::LoginError& error, std::vector<std::string> found) {
  Step step{.kind = under_way_, .subject = subject_, .found = std::move(found)};
  step.took = loop_.clock() - since_;
  if (failure_) step = std::exchange(failure_, std::nullopt).value();
  step.error = error;
  tell(step);
}

}  // namespace xbus::client
