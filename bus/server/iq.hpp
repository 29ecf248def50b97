// Requests that the server answers itself: for its own domain, and on behalf of an account (RFC
// 6121 section 8.5.2).
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::server {

class Hub;
class Session;

// One answer, now or later. Copies answer the same request; answer once. Under the router's lock.
class IqAnswer {
 public:
  // `to`: whom the answer comes from where the request named nobody.
  IqAnswer(Hub& hub, const xml::Element& request, const xmpp::Jid& from, const xmpp::Jid& to);
  void result(std::optional<xml::Element> payload = {}) const;
  void error(const xmpp::StanzaError& error) const;
  // What a write to the store has come to.
  void stored(bool ok) const;

 private:
  Hub* hub_;
  std::shared_ptr<const xml::Element> head_;  // the request without its payload
};

struct IqRequest {
  const xml::Element& payload;
  bool set = false;
  const xmpp::Jid& from;  // who asks
  const xmpp::Jid& to;    // the server's domain, or the bare JID of the account it acts for
};

// Features register here, each in its own file.
class IqHandlers {
 public:
  enum class For : uint8_t { server, account };
  using Handler = void (*)(Hub& hub, const IqRequest& request, const IqAnswer& answer);

  // One handler for a payload's namespace; it looks at the element's name itself.
  void add(For whom, std::string_view payload_ns, Handler handler) {
    handlers_[{whom, std::string(payload_ns)}] = handler;
  }
  Handler find(For whom, std::string_view payload_ns) const {
    auto found = handlers_.find({whom, std::string(payload_ns)});
    return found == handlers_.end() ? nullptr : found->second;
  }
  // For disco#info.
  std::vector<std::string> namespaces(For whom) const {
    std::vector<std::string> all;
    for (const auto& [key, handler] : handlers_) {
      if (key.first == whom) all.push_back(key.second);
    }
    return all;
  }

 private:
  std::map<std::pair<For, std::string>, Handler> handlers_;
};

// Every feature of the server: disco, ping, version, time, roster, accounts, monitors.
void add_features(IqHandlers& handlers);

}  // namespace xbus::server
