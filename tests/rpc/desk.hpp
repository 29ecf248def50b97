// A desk: a service at work without a bus, for tests of what it does with calls.
#pragma once
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "bus/xmpp/stanza.hpp"
#include "rpc/callee.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus {

// A service at work: what it sends is kept, what its threads post is run by the test.
class Desk {
 public:
  explicit Desk(Service& service, CalleeOptions options = home())
      : callee(service, {[this](const xml::Element& stanza) { return send(stanza); },
                         [this](std::function<void()> fn) { post(std::move(fn)); }, [this] { return now; },
                         [this](const Call&, std::string_view what) { crashes.emplace_back(what); }, {}, {},
                         [this](const Call& call, Duration) { blocked.push_back(call.method); }},
               std::move(options)) {}

  static CalleeOptions home() {
    CalleeOptions options;
    options.home = {"*@localhost"};
    options.registry_domain = "services.localhost";
    options.bridges = {*xmpp::Jid::parse("bridge@localhost")};
    return options;
  }

  // Sends a call and returns its id.
  std::string ask(const std::string& method, Value::Array args = {}, Metadata metadata = {},
                  jabber_rpc::Dialect dialect = jabber_rpc::Dialect::extended, const std::string& from = "user@localhost/a") {
    const std::string id = std::to_string(++ids_);
    auto query = jabber_rpc::write_call({method, std::move(args), std::move(metadata), dialect});
    xml::Element iq = xmpp::iq(xmpp::IqType::set, id, *xmpp::Jid::parse("service@localhost/1"), *query);
    iq.set("from", from);
    callee.on_iq(iq, now);
    return id;
  }
  void message(xml::Element payload, const std::string& from = "user@localhost/a") {
    xml::Element message = xmpp::message(xmpp::MessageType::headline, *xmpp::Jid::parse("service@localhost/1"));
    message.set("from", from);
    message.add(std::move(payload));
    EXPECT_TRUE(callee.on_message(message, now, wall));
  }
  void cancel(const std::string& id, const std::string& from = "user@localhost/a") {
    message(xml::Element("cancel", std::string(ns_call)).set("id", id), from);
  }
  void pass(Duration by) {
    const Time until = now + by;
    while (callee.next_time() && *callee.next_time() <= until) {
      now = *callee.next_time();
      callee.on_time(now);
    }
    now = until;
  }

  // The answer to a call; nullopt when there is none.
  std::optional<Outcome> answer(const std::string& id) const {
    for (const xml::Element& stanza : sent)
      if (stanza.attr_or("id", "") == id) return jabber_rpc::read_answer(stanza);
    return {};
  }
  Value value(const std::string& id) const {
    const auto outcome = answer(id);
    if (!outcome || !*outcome) {
      ADD_FAILURE() << (outcome ? outcome->error().what() : "no answer");
      return {};
    }
    return **outcome;
  }
  Fault fault(const std::string& id) const {
    const auto outcome = answer(id);
    if (!outcome || *outcome) {
      ADD_FAILURE() << (outcome ? "a value" : "no answer");
      return Fault(Fault::Kind::ok);
    }
    return outcome->error();
  }
  Fault::Kind kind(const std::string& id) const { return fault(id).kind(); }
  const std::string* type(const std::string& id) const {
    for (const xml::Element& stanza : sent)
      if (stanza.attr_or("id", "") == id) return stanza.attr("type");
    return nullptr;
  }

  // Runs what threads have posted until `done`.
  void run_posted(const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    while (!done()) {
      ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !posted_.empty(); }));
      auto fn = std::move(posted_.front());
      posted_.pop_front();
      lock.unlock();
      fn();
      lock.lock();
    }
  }

  Time now{};
  Timestamp wall{};
  std::vector<xml::Element> sent;
  std::vector<std::string> crashes, blocked;
  size_t bytes = 1 << 20;  // what the server takes
  Callee callee;

 private:
  bool send(const xml::Element& stanza) {
    if (xml::write(stanza).size() > bytes) return false;
    sent.push_back(stanza);
    return true;
  }
  void post(std::function<void()> fn) {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(fn));
    changed_.notify_all();
  }

  int ids_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
};

}  // namespace xbus
