// One message to many receivers: written once, shared by their queues.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::server {

class Hub;

// A headline made inside the server: without `to`, in jabber:client. Only the address differs from receiver to
// receiver; nothing of it is ever stored offline.
class Multicast {
 public:
  // `message` has id and type; `from` becomes its sender.
  Multicast(xml::Element message, xmpp::Jid from);

  // Under the router's lock. `to`: addresses that are prepared: a full JID is that resource, a bare one of ours each
  // resource that takes messages. Nobody there is no failure. The indices of those whose queue had no room are added
  // to `full`. How many copies were queued.
  size_t send(Hub& hub, const std::vector<std::string_view>& to, size_t begin, size_t end,
              std::vector<size_t>& full);
  // Of the text that receivers share.
  size_t bytes() const { return rest_->size(); }

 private:
  size_t send_one(Hub& hub, std::string_view to, bool& full);

  xml::Element message_;
  xmpp::Jid from_;
  std::string head_;  // up to the address; kept for its memory
  std::shared_ptr<const std::string> rest_;  // behind the address
  bool fits_ = true;
};

}  // namespace xbus::server
