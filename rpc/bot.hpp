// Bot: answers chat messages to a service, `METHOD ARGUMENT...` and `help`, so that any chat client is a console.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "bus/clock.hpp"
#include "rpc/front.hpp"
#include "rpc/service.hpp"

namespace xbus {

// Arguments are words as a shell has them, read by the method's signature (rpc/arguments.hpp). Who may call is as for
// any call. Answers go to the sender in the same thread, cut at limits::chat_answer_bytes_max. No answer: to what is no
// question (rpc/chat.hpp), to somebody beyond limits::chat_messages_max in limits::chat_time, or beyond
// limits::chat_calls_max at once. So two programs that answer each other come to rest.
class Bot {
 public:
  Bot(const Service& service, Front front);
  ~Bot();

  void on_message(const xml::Element& message, Time now);

 private:
  struct Peer {
    Time since{};  // begin of the interval that `messages` counts
    unsigned messages = 0;
    size_t running = 0;
  };
  Peer* admit(const std::string& who, Time now);
  bool forget_one();
  void work(const xml::Element& question, const xmpp::Jid& from, const std::string& who);
  void help(const xml::Element& question, const xmpp::Jid& from, const std::string& who, const std::string& method);
  void ask(const xml::Element& question, const xmpp::Jid& from, const std::string& who, jabber_rpc::Request request,
           std::function<std::string(const Outcome&)> text);
  void tell(const xml::Element& question, const std::string& text) const;

  const Service& service_;
  Front front_;
  std::map<std::string, Peer> peers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards what is told later
};

// An outcome as a person reads it in a chat: the text of a value, JSON for what has parts, or what went wrong.
std::string chat_text(const Outcome& outcome);

}  // namespace xbus
