#include "rpc/bot.hpp"

#include <algorithm>
#include <utility>

#include "bus/limits.hpp"
#include "rpc/arguments.hpp"
#include "rpc/chat.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "rpc/words.hpp"

namespace xbus {

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string what_can_be_asked(const Description& description) {
  std::string out = description.name;
  if (!description.doc.empty()) out += ": " + description.doc;
  for (const MethodDescription& method : description.methods) {
    out += "\n  " + Description::signature(method);
    if (!method.doc.empty()) out += "  " + first_line(method.doc);
  }
  return out + "\nWrite METHOD ARGUMENT..., or help METHOD.";
}

// Phones begin a message with a capital.
bool asks_for_help(std::string_view word) {
  constexpr std::string_view help = "help";
  const auto same = [](char typed, char letter) { return (typed | 0x20) == letter; };
  return word == "?" || std::equal(word.begin(), word.end(), help.begin(), help.end(), same);
}

// At most so many bytes, cut between characters.
std::string bounded(std::string text) {
  if (text.size() <= limits::chat_answer_bytes_max) return text;
  const size_t all = text.size();
  size_t end = limits::chat_answer_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "\n[cut: " + std::to_string(all) + " bytes]";
}

}  // namespace

std::string chat_text(const Outcome& outcome) {
  if (!outcome) return outcome.error().what();
  if (outcome->is_nil()) return "done";
  if (const auto* text = outcome->get_if<std::string>()) return *text;
  return json_text(*outcome, JsonLayout::indented);
}

Bot::Bot(const Service& service, Front front) : service_(service), front_(std::move(front)) {}
Bot::~Bot() = default;

void Bot::on_message(const xml::Element& message, Time now) {
  if (!is_question(message)) return;
  const auto from = xmpp::Jid::parse(message.attr_or("from", ""));
  if (!from || from->empty() || from->str() == message.attr_or("to", "")) return;
  // A relay speaks for each person from another resource.
  const std::string who = on_behalf_of(message).empty() ? std::string(from->bare_str()) : from->str();
  if (admit(who, now)) work(message, *from, who);
}

Bot::Peer* Bot::admit(const std::string& who, Time now) {
  const auto over = [&](const Peer& peer) { return now - peer.since >= limits::chat_time; };
  if (!peers_.contains(who) && peers_.size() >= limits::chat_peers_max && !forget_one()) return nullptr;
  const auto [place, added] = peers_.try_emplace(who);
  Peer& peer = place->second;
  if (added || over(peer)) {
    peer.since = now;
    peer.messages = 0;
  }
  if (peer.messages >= limits::chat_messages_max || peer.running >= limits::chat_calls_max) return nullptr;
  ++peer.messages;
  return &peer;
}

// Whoever can invent a crowd has as many questions as names, remembered or not; who is remembered for longest makes
// room, so that the crowd silences nobody.
bool Bot::forget_one() {
  auto oldest = peers_.end();
  for (auto at = peers_.begin(); at != peers_.end(); ++at)
    if (at->second.running == 0 && (oldest == peers_.end() || at->second.since < oldest->second.since)) oldest = at;
  if (oldest == peers_.end()) return false;
  peers_.erase(oldest);
  return true;
}

void Bot::work(const xml::Element& question, const xmpp::Jid& from, const std::string& who) {
  const std::string line = question.first("body", question.ns())->text();
  if (line.size() > limits::chat_question_bytes_max) return tell(question, "that is too long");
  auto words = shell_words(line);
  if (!words) return tell(question, words.error());
  if (words->empty()) return;
  const std::string name = words->front();
  words->erase(words->begin());
  if (asks_for_help(name) && !service_.find(name))
    return help(question, from, who, words->empty() ? "" : words->front());

  jabber_rpc::Request request;
  request.method = name;
  request.metadata.on_behalf_of = on_behalf_of(question);
  const Method* method = service_.find(name);
  // Who may not call it does not learn what it takes.
  if (method && front_.admits(from, request)) {
    try {
      request.args = typed_arguments(*words, method->description().params, service_.describe().types);
    } catch (const Fault& fault) {
      return tell(question, fault.what());
    }
  }
  ask(question, from, who, std::move(request), chat_text);
}

// What the sender may call is told by the service itself, as to anybody who asks.
void Bot::help(const xml::Element& question, const xmpp::Jid& from, const std::string& who, const std::string& method) {
  jabber_rpc::Request request;
  request.method = method.empty() ? "system.listMethods" : "system.methodHelp";
  if (!method.empty()) request.args.emplace_back(method);
  request.metadata.on_behalf_of = on_behalf_of(question);
  ask(question, from, who, std::move(request), [this, method](const Outcome& outcome) {
    if (!outcome) return chat_text(outcome);
    if (!method.empty()) {
      const Method* found = service_.find(method);
      return (found ? Description::signature(found->description()) : method) + "\n" + outcome->as_string();
    }
    const Value::Array& names = outcome->as_array();
    Description shown = service_.describe();
    std::erase_if(shown.methods, [&](const MethodDescription& each) {
      return std::find(names.begin(), names.end(), Value(each.name)) == names.end();
    });
    return what_can_be_asked(shown);
  });
}

void Bot::ask(const xml::Element& question, const xmpp::Jid& from, const std::string& who, jabber_rpc::Request request,
              std::function<std::string(const Outcome&)> text) {
  ++peers_[who].running;
  // Of the question only what the answer needs is kept.
  xml::Element head = answer_to(question, "");
  front_.ask(from, std::move(request),
             [this, alive = std::weak_ptr<bool>(alive_), head = std::move(head), who,
              text = std::move(text)](const Outcome& outcome) {
               if (alive.expired()) return;
               if (const auto peer = peers_.find(who); peer != peers_.end() && peer->second.running > 0)
                 --peer->second.running;
               xml::Element answer = head;
               answer.first("body", answer.ns())->add_text(bounded(printable(text(outcome), Lines::many)));
               front_.send(answer);
             });
}

void Bot::tell(const xml::Element& question, const std::string& text) const {
  front_.send(answer_to(question, bounded(printable(text, Lines::many))));
}

}  // namespace xbus
