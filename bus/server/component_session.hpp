// The connection of one component (XEP-0114): a domain whose stanzas it may send from any of its
// addresses.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "bus/router/splice.hpp"
#include "bus/server/link.hpp"
#include "bus/xmpp/component_stream.hpp"

namespace xbus::server {

class ComponentSession final : public Link, public xmpp::ComponentAcceptStream::Actions {
 public:
  ComponentSession(Hub& hub, Core& core, std::unique_ptr<net::Transport> transport);
  ~ComponentSession() override;

  std::string_view content_ns() const override { return xml::ns_component; }
  void end(xmpp::StreamCondition condition, std::string_view text) override {
    stream_.end(condition, text);
  }
  void login_timeout() override { stream_.on_login_timeout(); }
  bool established() const override { return stream_.established(); }
  router::Owner* owner() override { return hold_.owner(); }
  ListenerKind listener() const override { return ListenerKind::component; }

  // ---- xmpp::ComponentAcceptStream::Actions ----
  void send(std::string_view bytes) override { send_stream(bytes); }
  std::optional<std::string> component_secret(std::string_view domain) override;
  bool attach(const xmpp::Jid& domain) override;
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) override;
  void close() override;

 private:
  size_t consume(std::string_view window) override { return stream_.on_bytes(window); }
  void gone() override { leave(); }
  void leave();

  xmpp::ComponentAcceptStream stream_;
  std::string domain_;   // attached
  bool tried_ = false;   // to log in, and has not succeeded
  router::Hold hold_;    // its domain is its account
  router::Stamp stamp_;  // the language of its header; `from` is its own
};

}  // namespace xbus::server
