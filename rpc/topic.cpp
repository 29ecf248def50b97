#include "rpc/topic.hpp"

#include "bus/xmpp/forms.hpp"
#include "rpc/bus.hpp"
#include "rpc/topic_service.hpp"

namespace xbus {

namespace {

using Fields = Topic::Fields;

void add(Fields& fields, std::string_view name, std::string value) {
  fields.emplace_back("pubsub#" + std::string(name), std::move(value));
}

Fields fields_of(const TopicConfig& config) {
  Fields fields;
  const auto flag = [&](std::string_view name, const std::optional<bool>& value) {
    if (value) add(fields, name, *value ? "1" : "0");
  };
  const auto text = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) add(fields, name, *value);
  };
  if (config.publish_model) add(fields, "publish_model", std::string(name_of(*config.publish_model)));
  if (config.access_model) add(fields, "access_model", std::string(name_of(*config.access_model)));
  if (config.max_items) add(fields, "max_items", std::to_string(*config.max_items));
  flag("persist_items", config.persist);
  flag("deliver_payloads", config.deliver_payloads);
  if (config.item_expire) add(fields, "item_expire", std::to_string(config.item_expire->count()));
  text("title", config.title);
  text("description", config.description);
  text("type", config.type);
  fields.insert(fields.end(), config.fields.begin(), config.fields.end());
  return fields;
}

// Values of one name are one field.
xml::Element submission(const Fields& fields) {
  xmpp::Form form = xmpp::make_form(xmpp::FormType::submit, xmpp::form_node_config);
  for (const auto& [name, value] : fields) {
    xmpp::Field* there = nullptr;
    for (xmpp::Field& field : form.fields)
      if (field.var == name) there = &field;
    if (there == nullptr) {
      form.fields.emplace_back();
      there = &form.fields.back();
      there->var = name;
    }
    there->values.push_back(value);
  }
  return xmpp::to_element(form);
}

Fields fields_from(const xmpp::Form& form) {
  Fields fields;
  for (const xmpp::Field& field : form.fields) {
    if (field.var == "FORM_TYPE" || field.var.empty()) continue;
    for (const std::string& value : field.values) fields.emplace_back(field.var, value);
  }
  return fields;
}

}  // namespace

struct Topic::State {
  State(Bus& bus, std::string of, TopicOptions with)
      : name(std::move(of)), options(std::move(with)), service(bus, options.service, options.timeout) {}
  Task<std::string> publish(xml::Element payload, PublishOptions how);
  Task<void> configure(Fields fields);
  Task<bool> is_mine();

  std::string name;
  TopicOptions options;
  TopicService service;
};

Task<std::string> Topic::State::publish(xml::Element payload, PublishOptions how) {
  xml::Element request = topic_request("publish", name);
  xml::Element& item = request.first("publish", xmpp::ns_pubsub)->add("item");
  if (!how.id.empty()) item.set("id", how.id);
  item.add(std::move(payload));
  auto asking = service.ask("set", std::move(request));
  const xml::Element answer = co_await std::move(asking);
  // The service may be silent about an id that it was given (XEP-0060 section 7.1.2).
  const xml::Element* published = answer.first("publish", xmpp::ns_pubsub);
  const xml::Element* told = published ? published->first("item", xmpp::ns_pubsub) : nullptr;
  co_return told ? std::string(told->attr_or("id", how.id)) : how.id;
}

Task<void> Topic::State::configure(Fields fields) {
  if (fields.empty()) co_return;
  xml::Element request = topic_request("configure", name, xmpp::ns_pubsub_owner);
  request.first("configure", xmpp::ns_pubsub_owner)->add(submission(fields));
  auto asking = service.ask("set", std::move(request));
  co_await std::move(asking);
}

// Only an owner is shown the configuration.
Task<bool> Topic::State::is_mine() {
  try {
    auto asking = service.ask("get", topic_request("configure", name, xmpp::ns_pubsub_owner));
    co_await std::move(asking);
  } catch (const Fault& fault) {
    if (fault.kind() == Fault::Kind::forbidden) co_return false;
    throw;
  }
  co_return true;
}

Topic::Topic(Bus& bus, std::string name, TopicOptions options)
    : state_(std::make_shared<State>(bus, std::move(name), std::move(options))) {}

const std::string& Topic::name() const { return state_->name; }

// The state is held by the coroutine: a Topic may go while something is under way.
Task<std::string> Topic::publish(Value payload, PublishOptions options) {
  const auto state = state_;
  auto written = write_payload(payload, state->options.form, state->options.type);
  if (!written) throw written.error();
  auto publishing = state->publish(std::move(*written), std::move(options));
  std::string id = co_await std::move(publishing);
  co_return id;
}

Task<std::string> Topic::publish(xml::Element payload, PublishOptions options) {
  const auto state = state_;
  auto publishing = state->publish(std::move(payload), std::move(options));
  std::string id = co_await std::move(publishing);
  co_return id;
}

Task<std::string> Topic::publish(ProtobufPayload payload, PublishOptions options) {
  const auto state = state_;
  auto publishing = state->publish(write_payload(payload), std::move(options));
  std::string id = co_await std::move(publishing);
  co_return id;
}

Task<void> Topic::create(TopicConfig config) {
  const auto state = state_;
  if (!config.publish_model) config.publish_model = xmpp::PublishModel::publishers;
  const Fields fields = fields_of(config);
  xml::Element request = topic_request("create", state->name);
  request.add("configure").add(submission(fields));
  bool there = false;
  try {
    auto asking = state->service.ask("set", std::move(request));
    co_await std::move(asking);
  } catch (const Fault& fault) {
    if (fault.kind() != Fault::Kind::already_exists) throw;
    there = true;
  }
  if (!there) co_return;
  auto looking = state->is_mine();
  if (!co_await std::move(looking))
    throw Fault(Fault::Kind::already_exists, "the topic " + state->name + " is another account's");
  auto configuring = state->configure(fields);
  co_await std::move(configuring);
}

Task<void> Topic::configure(TopicConfig config) {
  const auto state = state_;
  auto configuring = state->configure(fields_of(config));
  co_await std::move(configuring);
}

Task<Fields> Topic::configuration() {
  const auto state = state_;
  auto asking = state->service.ask("get", topic_request("configure", state->name, xmpp::ns_pubsub_owner));
  const xml::Element answer = co_await std::move(asking);
  const xml::Element* configure = answer.first("configure", xmpp::ns_pubsub_owner);
  const xml::Element* x = configure ? configure->first("x", xmpp::ns_data) : nullptr;
  if (x == nullptr) co_return Fields();
  const auto form = xmpp::form_from(*x);
  if (!form) throw Fault(Fault::Kind::failed, "the configuration of the topic cannot be read");
  co_return fields_from(*form);
}

Task<Fields> Topic::metadata() {
  const auto state = state_;
  auto asking = state->service.info(state->name);
  const xmpp::DiscoInfo info = co_await std::move(asking);
  const xmpp::Form* form = info.form(xmpp::form_meta_data);
  co_return form ? fields_from(*form) : Fields();
}

Task<void> Topic::retract(std::string id) {
  const auto state = state_;
  xml::Element request = topic_request("retract", state->name);
  request.first("retract", xmpp::ns_pubsub)->add("item").set("id", id);
  auto asking = state->service.ask("set", std::move(request));
  co_await std::move(asking);
}

Task<void> Topic::purge() {
  const auto state = state_;
  auto asking = state->service.ask("set", topic_request("purge", state->name, xmpp::ns_pubsub_owner));
  co_await std::move(asking);
}

Task<void> Topic::remove() {
  const auto state = state_;
  auto asking = state->service.ask("set", topic_request("delete", state->name, xmpp::ns_pubsub_owner));
  co_await std::move(asking);
}

Task<std::vector<std::string>> topics(Bus& bus, TopicOptions options) {
  TopicService service(bus, options.service, options.timeout);
  auto listing = service.topics();
  std::vector<std::string> names = co_await std::move(listing);
  co_return names;
}

}  // namespace xbus
