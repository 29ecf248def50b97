// Who hears which stanza, and the answers that a client gives by itself.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::client {

class Dispatch {
 public:
  using Handler = std::function<void(const xml::Element& stanza)>;
  using Send = std::function<void(const xml::Element& stanza)>;

  explicit Dispatch(Send send) : send_(std::move(send)) {}

  void on_iq(std::string_view payload_ns, Handler handler);  // an empty handler takes it away again
  void on_presence(Handler handler) { presence_.push_back(std::move(handler)); }
  void on_message(Handler handler) { message_.push_back(std::move(handler)); }
  void on_stanza(Handler handler) { all_ = std::move(handler); }

  // Whether anybody hears this kind at all: a stanza that nobody hears need not be built.
  bool heard(xml::StanzaView::Kind kind) const;
  // A stanza that answers nothing of ours. An iq get or set that is malformed gets bad-request, one that nobody handles
  // service-unavailable (RFC 6120 sections 8.2.3, 8.4), one whose handler throws internal-server-error.
  void deliver(const xml::Element& stanza);

 private:
  void deliver_iq(const xml::Element& iq);

  Send send_;
  std::map<std::string, std::shared_ptr<Handler>, std::less<>> iq_;
  std::deque<Handler> presence_, message_;  // a handler may add another while it runs
  Handler all_;
};

}  // namespace xbus::client
