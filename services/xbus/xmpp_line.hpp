// A line of load that speaks XMPP: Jabber-RPC calls (XEP-0009) between full JIDs, written from
// templates and matched without making a tree of them.
#pragma once
#include <memory>
#include <string>

#include "bus/client/connection.hpp"
#include "services/xbus/load_line.hpp"
#include "services/xbus/load_server.hpp"

namespace xbus::cli {

class XmppLine final : public LoadLine, private client::Connection::Owner {
 public:
  XmppLine(LoadServer& server, Place place, LoadLine::Owner& owner);
  ~XmppLine() override;

  void start() override;
  size_t index() const override { return place_.index; }
  const std::string& address() const override { return address_; }
  void aim(const std::string& address) override;
  bool call(uint64_t id) override;

 private:
  void on_established(const xmpp::Jid& jid) override;
  void on_resumed() override {}
  void on_not_resumed(xmpp::ClientStream::Actions::Handled) override {}
  void on_acknowledged(const xmpp::StreamManagement::Kept&) override {}
  void on_stanza(const xml::StanzaView& stanza, const xml::HeaderView& header) override;
  void on_ended(const xmpp::LoginError& why) override;

  void open(net::Connected connected);
  void answered(const xml::StanzaView& stanza, const xml::HeaderView& header);
  void asked(const xml::StanzaView& stanza);
  void end(Fault why);

  LoadServer& server_;
  Place place_;
  LoadLine::Owner& owner_;
  std::unique_ptr<net::Connector> connector_;
  std::shared_ptr<client::Connection> connection_;
  std::string address_;
  std::string target_;       // as calls have it in `to`, escaped
  std::string head_, tail_;  // of a call, around its id
  std::string text_;
  bool gone_ = false;
};

}  // namespace xbus::cli
