// Waiter: who waits for the answer to a call, and how that answer is written.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/key_memory.hpp"
#include "rpc/stats.hpp"

namespace xbus {

// The deadlines of all waiters of a Callee; each waiter holds its place.
using Deadlines = std::multimap<Time, std::string>;

struct Waiter {
  xml::Element head;  // the request without its payload: what answers and errors are made from
  jabber_rpc::Dialect dialect = jabber_rpc::Dialect::strict;
  bool one_way = false;  // gets no answer
  bool nothing = false;  // the method returns nothing
  Time deadline{};
  std::string place;  // (from, id) of the request: what a cancel names
  std::function<void(const Outcome&)> told;  // set: hears the outcome, and nothing is sent
  MethodRecord* record = nullptr;   // where its end is counted
  std::optional<Time> worked_from;  // the handler has been started for it; when it arrived
  Deadlines::iterator timer{};

  // The iq that carries the outcome; when `send` refuses it or it cannot be written, the fault that says so. Returns
  // what the caller is told.
  FaultKind answer(const Outcome& outcome, const std::function<bool(const xml::Element&)>& send) const;
  // The stanza error.
  void refuse(const xmpp::StanzaError& error, const std::function<bool(const xml::Element&)>& send) const;
};

// A waiter for the answer to this stanza; `call_id` is Metadata::id.
Waiter waiter_for(const xml::Element& stanza, const std::string& call_id, jabber_rpc::Dialect dialect, bool one_way);

std::string waiter_place(std::string_view from, std::string_view id);

}  // namespace xbus
