#include "services/agent/publisher.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

#include "bus/limits_agent.hpp"
#include "bus/net/timer.hpp"
#include "rpc/topic.hpp"
#include "services/agent/allowance.hpp"
#include "services/agent/event_queue.hpp"

namespace xbus::agent {
namespace {

// Trying again soon makes no sense: somebody must do something first.
bool is_refusal(Fault::Kind kind) {
  return kind != Fault::Kind::unavailable && kind != Fault::Kind::lost && kind != Fault::Kind::timeout &&
         kind != Fault::Kind::busy;
}

Task<std::string> publish(Topic& topic, const Payload& payload, const std::string& id) {
  PublishOptions options;
  options.id = id;
  if (const auto* element = std::get_if<xml::Element>(&payload)) return topic.publish(*element, options);
  if (const auto* message = std::get_if<ProtobufPayload>(&payload)) return topic.publish(*message, options);
  return topic.publish(std::get<Value>(payload), options);
}

}  // namespace

struct Publisher::State : std::enable_shared_from_this<State> {
  State(Bus& on, PublisherOptions with, const common::Log& to)
      : bus(on),
        options(std::move(with)),
        log(to),
        topic(on, options.topic),
        queue(limits::agent_events_waiting_max, [this] { wake(); }),
        again(on.loop()),
        alerts(limits::agent_alerts_per_second_max, static_cast<double>(limits::agent_alerts_burst_max)),
        id_beginning(std::string(on.jid().resource()) + "-" +
                     std::to_string(on.loop().wall().time_since_epoch().count()) + "-") {}

  void wake() {
    bus.loop().post([weak = weak_from_this()] {
      if (const auto state = weak.lock()) state->begin();
    });
  }

  void begin() {
    // While it waits after a failure, what comes waits too.
    if (ended || running || again.running()) return;
    running = true;
    spawn(run(shared_from_this()));
  }

  static Task<void> run(std::shared_ptr<State> state);
  Task<void> make();
  void take_next();
  void failed(const Fault& fault);
  void tell_person(const Push& push, const Payload& payload);

  Bus& bus;
  const PublisherOptions options;
  const common::Log log;
  Topic topic;
  EventQueue<Push> queue;
  net::Timer again;
  Allowance alerts;
  const std::string id_beginning;
  uint64_t number = 0;
  std::optional<Push> current;
  std::string current_id;
  std::optional<Payload> current_payload;
  bool made = false, running = false, ended = false;
  Duration wait = limits::agent_publish_again_least;
  std::optional<Fault::Kind> trouble;
};

Task<void> Publisher::State::make() {
  TopicConfig config;
  config.title = options.title;
  if (options.for_owners) config.access_model = xmpp::AccessModel::whitelist;
  auto creating = topic.create(std::move(config));
  try {
    co_await std::move(creating);
  } catch (const Fault& fault) {
    // Another owner's that lets this account publish, perhaps: publishing tells.
    if (fault.kind() != Fault::Kind::already_exists) throw;
  }
  made = true;
}

void Publisher::State::take_next() {
  current = queue.next();
  if (!current) return;
  current_id = id_beginning + std::to_string(++number);
  current_payload = current->payload(current->missed);
  if (current->alarms) tell_person(*current, *current_payload);
}

Task<void> Publisher::State::run(std::shared_ptr<State> state) {
  State& self = *state;
  std::optional<Fault> fault;
  try {
    if (!self.made) {
      auto making = self.make();
      co_await std::move(making);
    }
    while (!self.ended) {
      if (!self.current) self.take_next();
      if (!self.current) break;
      auto publishing = publish(self.topic, *self.current_payload, self.current_id);
      co_await std::move(publishing);
      self.current.reset();
      self.wait = limits::agent_publish_again_least;
      if (std::exchange(self.trouble, std::nullopt)) self.log.info("publishing again", {{"topic", self.options.topic}});
    }
  } catch (const Fault& caught) {
    fault = caught;
  }
  self.running = false;
  if (fault && !self.ended) self.failed(*fault);
}

void Publisher::State::failed(const Fault& fault) {
  const bool refused = is_refusal(fault.kind());
  if (trouble != fault.kind()) {
    trouble = fault.kind();
    log.warn("not published",
             {{"topic", options.topic}, {"why", std::string(fault.kind_name())}, {"message", fault.message()}});
  }
  if (refused) {
    if (current) queue.lost(*current);
    current.reset();
    made = false;
  }
  const Duration pause = refused ? Duration(limits::agent_publish_refused_wait) : wait;
  wait = std::min<Duration>(wait * 2, limits::agent_publish_again_max);
  again.start(pause, [this] { begin(); });
}

void Publisher::State::tell_person(const Push& push, const Payload& payload) {
  if (options.alert.empty() || !alerts.take(bus.loop().now())) return;
  xml::Element message("message", std::string(xml::ns_client));
  message.set("to", options.alert);
  message.set("type", "chat");
  std::string text = push.text;
  if (const int64_t more = alerts.refused(); more > 0) text += " (" + std::to_string(more) + " more before it)";
  message.add("body").add_text(text);
  if (const auto* value = std::get_if<Value>(&payload)) {
    if (auto written = write_payload(*value)) message.add(std::move(*written));
  } else if (const auto* element = std::get_if<xml::Element>(&payload)) {
    message.add(*element);
  }
  if (!bus.client().send(message)) log.warn("alert not sent", {{"to", options.alert}, {"text", text}});
}

Publisher::Publisher(Bus& bus, PublisherOptions options, const common::Log& log)
    : state_(std::make_shared<State>(bus, std::move(options), log)) {
  state_->begin();
}

Publisher::~Publisher() {
  state_->ended = true;
  state_->again.stop();
}

void Publisher::push(Push push) { state_->queue.push(std::move(push)); }

}  // namespace xbus::agent
