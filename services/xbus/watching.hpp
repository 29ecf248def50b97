// Somebody who watches stanzas, live or from a capture: which of them, how they are shown, when it
// is enough.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/server/tap_filter.hpp"
#include "services/xbus/capture.hpp"
#include "services/xbus/invocation.hpp"
#include "services/xbus/sighting.hpp"

namespace xbus::cli {

// As typed; empty: any.
struct WatchWords {
  std::string service, from, to, kind, payload;
  bool errors = false, xml = false;
  int64_t count = 0;  // stanzas that are enough; 0: never
};

// What of them the server can look at; all but the service. The error is a line for a person.
Result<server::TapFilter, std::string> filter_of(const WatchWords& words);

class Watching {
 public:
  // Both outlive it.
  Watching(const Invocation& invocation, const WatchWords& words, server::TapFilter filter)
      : invocation_(invocation), words_(words), filter_(std::move(filter)) {}

  // The service that is asked for stands behind that address too, as far as its name fits.
  void learn(const CaptureItem::Instance& instance);
  // Whether it is asked for, by this side's own knowledge. A presence that makes its sender an
  // instance of the service is remembered.
  bool wants(const xml::Element& stanza);
  // Shows it, unless it is over.
  void show(xmpp::Forwarded seen);
  // The same of so many that are not known.
  void missed(uint64_t stanzas);
  // What is shown is written there too.
  void capture_to(CaptureFile file) { capture_.emplace(std::move(file)); }

  bool over() const { return status_.has_value(); }
  // Nothing is shown any more; a first end counts.
  void end(int status) {
    if (!status_) status_ = status;
  }
  int status() const { return status_.value_or(0); }

 private:
  bool names_service(const xmpp::Jid& jid) const;
  void write(const CaptureItem& item);
  void printed(bool written);

  const Invocation& invocation_;
  const WatchWords& words_;
  server::TapFilter filter_;
  std::vector<xmpp::Jid> instances_;
  std::optional<CaptureFile> capture_;
  Requests requests_;
  int64_t shown_ = 0;
  std::optional<int> status_;
};

}  // namespace xbus::cli
