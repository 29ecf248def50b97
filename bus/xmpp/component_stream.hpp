// Both sides of a component stream (XEP-0114) as machines: header, handshake, stanzas.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/xmpp/client_stream.hpp"
#include "bus/xmpp/server_stream.hpp"

namespace xbus::xmpp {

// The component's side. established() is told with the component's domain as JID.
class ComponentStream {
 public:
  ComponentStream(std::string domain, std::string secret, ClientStream::Actions& actions);
  ~ComponentStream();
  void start();
  size_t on_bytes(std::string_view window);
  void end();
  bool established() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The server's side (COMP-01 to COMP-03).
class ComponentAcceptStream {
 public:
  class Actions {
   public:
    virtual void send(std::string_view bytes) = 0;
    // The secret of that component domain; nothing: host-unknown.
    virtual std::optional<std::string> component_secret(std::string_view domain) = 0;
    // Proven; false when the domain is connected already: conflict.
    virtual bool attach(const Jid& domain) = 0;
    virtual void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) = 0;
    virtual void close() = 0;

   protected:
    ~Actions() = default;
  };

  ComponentAcceptStream(size_t stanza_bytes_max, Actions& actions);
  ~ComponentAcceptStream();
  size_t on_bytes(std::string_view window);
  void on_login_timeout();
  void end(StreamCondition condition, std::string_view text = {});
  void end();
  bool established() const;
  const Jid& jid() const;
  const xml::HeaderView& header() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xbus::xmpp
