#include "bus/xmpp/pubsub_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {
namespace {

struct Choice {
  std::string_view value, label;
};
constexpr std::array<Choice, 5> access_models = {{
    {"open", "Anyone may subscribe and retrieve items"},
    {"presence", "Who may see an owner's presence"},
    {"roster", "Who is in the given groups of an owner's roster"},
    {"authorize", "Who an owner has approved"},
    {"whitelist", "Members, publishers and owners"},
}};
constexpr std::array<Choice, 3> publish_models = {{
    {"publishers", "Publishers and owners may publish"},
    {"subscribers", "Subscribers too"},
    {"open", "Anyone"},
}};
constexpr std::array<Choice, 3> fulls = {{
    {"retract-oldest", "The oldest item is retracted"},
    {"discard-oldest", "The oldest item goes without a word"},
    {"reject", "The new item is refused"},
}};
constexpr std::array<Choice, 2> lasts = {{
    {"never", "Never"},
    {"on_sub", "When a new subscription is processed"},
}};
constexpr std::array<Choice, 1> node_types = {{{"leaf", "The node holds items"}}};
constexpr std::array<Choice, 1> notification_types = {{{"headline", "Messages of type headline"}}};

// One field of the form: how it is read and written.
struct FieldOf {
  std::string_view var;
  FieldType type;
  std::string_view label;
  std::span<const Choice> choices;
  std::vector<std::string> (*get)(const NodeConfig&);
  // False: not a value of this field.
  bool (*set)(NodeConfig&, const std::vector<std::string>&);
};

template <class E>
std::optional<E> choice(std::span<const Choice> choices, const std::vector<std::string>& values) {
  if (values.size() != 1) return {};
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].value == values.front()) return static_cast<E>(i);
  }
  return {};
}

std::optional<uint64_t> number(const std::vector<std::string>& values, uint64_t at_most) {
  if (values.size() != 1) return {};
  const std::string& text = values.front();
  if (text == "max") return at_most;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > at_most) return {};
  return value;
}

bool text(std::string& to, const std::vector<std::string>& values) {
  if (values.size() > 1) return false;
  std::string given = values.empty() ? std::string() : values.front();
  if (given.size() > limits::topic_text_bytes_max) return false;
  to = std::move(given);
  return true;
}

std::vector<std::string> one(std::string_view value) { return {std::string(value)}; }
std::vector<std::string> optional_one(const std::string& value) {
  if (value.empty()) return {};
  return {value};
}

template <auto member, const auto& choices>
constexpr FieldOf list_field(std::string_view var, std::string_view label) {
  return {var, FieldType::list_single, label, choices,
          [](const NodeConfig& config) {
            return one(choices[static_cast<size_t>(config.*member)].value);
          },
          [](NodeConfig& config, const std::vector<std::string>& values) {
            using E = std::remove_reference_t<decltype(config.*member)>;
            auto found = choice<E>(choices, values);
            if (found) config.*member = *found;
            return found.has_value();
          }};
}

template <auto member>
constexpr FieldOf flag_field(std::string_view var, std::string_view label) {
  return {var, FieldType::boolean, label, {},
          [](const NodeConfig& config) { return one(config.*member ? "1" : "0"); },
          [](NodeConfig& config, const std::vector<std::string>& values) {
            auto flag = values.size() == 1 ? boolean_of(values.front()) : std::nullopt;
            if (flag) config.*member = *flag;
            return flag.has_value();
          }};
}

template <auto member>
constexpr FieldOf text_field(std::string_view var, std::string_view label) {
  return {var, FieldType::text_single, label, {},
          [](const NodeConfig& config) { return optional_one(config.*member); },
          [](NodeConfig& config, const std::vector<std::string>& values) {
            return text(config.*member, values);
          }};
}

// A field with the one value that there is.
template <const auto& choices>
constexpr FieldOf fixed_field(std::string_view var, std::string_view label) {
  return {var, FieldType::list_single, label, choices,
          [](const NodeConfig&) { return one(choices[0].value); },
          [](NodeConfig&, const std::vector<std::string>& values) {
            return choice<uint8_t>(choices, values).has_value();
          }};
}

bool set_contacts(NodeConfig& config, const std::vector<std::string>& values) {
  if (values.size() > limits::topic_lists_max) return false;
  std::vector<std::string> contacts;
  for (const std::string& value : values) {
    auto jid = Jid::parse(value);
    if (!jid) return false;
    contacts.push_back(jid->str());
  }
  config.contacts = std::move(contacts);
  return true;
}

bool set_groups(NodeConfig& config, const std::vector<std::string>& values) {
  if (values.size() > limits::topic_lists_max) return false;
  for (const std::string& value : values) {
    if (value.size() > limits::topic_text_bytes_max) return false;
  }
  config.roster_groups = values;
  return true;
}

const std::array<FieldOf, 25>& fields() {
  using C = NodeConfig;
  static const std::array<FieldOf, 25> all = {{
      list_field<&C::access_model, access_models>("pubsub#access_model",
                                                  "Who may subscribe and retrieve items"),
      {"pubsub#contact", FieldType::jid_multi, "Whom to ask", {},
       [](const C& config) { return config.contacts; }, set_contacts},
      flag_field<&C::deliver_notifications>("pubsub#deliver_notifications", "Events are sent"),
      flag_field<&C::deliver_payloads>("pubsub#deliver_payloads", "Events carry the payload"),
      text_field<&C::description>("pubsub#description", "What the node is for"),
      {"pubsub#item_expire", FieldType::text_single, "Seconds until an item goes by itself", {},
       [](const C& config) {
         return one(config.item_expire_seconds == 0 ? std::string("max")
                                                    : std::to_string(config.item_expire_seconds));
       },
       [](C& config, const std::vector<std::string>& values) {
         auto seconds = number(values, limits::item_expire_seconds_max);
         if (!seconds) return false;
         config.item_expire_seconds = *seconds == limits::item_expire_seconds_max ? 0 : *seconds;
         return true;
       }},
      text_field<&C::language>("pubsub#language", "The language of the items"),
      {"pubsub#max_items", FieldType::text_single, "How many items are kept, or max", {},
       [](const C& config) {
         return one(config.max_items == limits::topic_items_max ? std::string("max")
                                                                : std::to_string(config.max_items));
       },
       [](C& config, const std::vector<std::string>& values) {
         auto items = number(values, limits::topic_items_max);
         if (!items || *items == 0) return false;
         config.max_items = static_cast<uint32_t>(*items);
         return true;
       }},
      {"pubsub#max_payload_size", FieldType::text_single, "Bytes of a payload", {},
       [](const C& config) { return one(std::to_string(config.max_payload_bytes)); },
       [](C& config, const std::vector<std::string>& values) {
         auto bytes = number(values, limits::item_bytes_max);
         if (!bytes) return false;
         config.max_payload_bytes = static_cast<uint32_t>(*bytes);
         return true;
       }},
      fixed_field<node_types>("pubsub#node_type", "What the node is"),
      fixed_field<notification_types>("pubsub#notification_type", "How events are sent"),
      flag_field<&C::notify_config>("pubsub#notify_config", "Subscribers are told of changes here"),
      flag_field<&C::notify_delete>("pubsub#notify_delete", "Subscribers are told of the end"),
      flag_field<&C::notify_retract>("pubsub#notify_retract", "Subscribers are told of removed items"),
      flag_field<&C::notify_sub>("pubsub#notify_sub", "Owners are told of subscriptions"),
      flag_field<&C::persist_items>("pubsub#persist_items", "Items are kept"),
      list_field<&C::publish_model, publish_models>("pubsub#publish_model", "Who may publish"),
      list_field<&C::node_full, fulls>("pubsub#publish_node_full", "When the node is full"),
      flag_field<&C::purge_offline>("pubsub#purge_offline", "Items go when their publisher goes offline"),
      {"pubsub#roster_groups_allowed", FieldType::text_multi, "The groups of access model roster", {},
       [](const C& config) { return config.roster_groups; }, set_groups},
      list_field<&C::send_last, lasts>("pubsub#send_last_published_item",
                                       "When the last item is sent"),
      flag_field<&C::subscribe>("pubsub#subscribe", "Subscriptions are allowed"),
      flag_field<&C::temporary>("pubsub#tempsub", "Subscriptions end with the subscriber's session"),
      text_field<&C::title>("pubsub#title", "A name for people"),
      text_field<&C::type>("pubsub#type", "The namespace of the payloads"),
  }};
  return all;
}

const FieldOf* field_of(std::string_view var) {
  auto found = std::find_if(fields().begin(), fields().end(),
                            [&](const FieldOf& field) { return field.var == var; });
  return found == fields().end() ? nullptr : &*found;
}

enum class With : bool { values, everything };

void add_fields(Form& form, const NodeConfig& config, With with) {
  auto add = [&](const FieldOf& of) {
    Field field;
    field.var = std::string(of.var);
    field.values = of.get(config);
    if (with == With::everything) {
      field.type = of.type;
      field.label = std::string(of.label);
      for (const Choice& choice : of.choices)
        field.options.push_back({std::string(choice.label), std::string(choice.value)});
    }
    form.fields.push_back(std::move(field));
  };
  for (const FieldOf& of : fields()) add(of);
}

}  // namespace

std::string_view name_of(AccessModel model) {
  return access_models[static_cast<size_t>(model)].value;
}
std::string_view name_of(PublishModel model) {
  return publish_models[static_cast<size_t>(model)].value;
}

Form config_form(const NodeConfig& now) {
  Form form = make_form(FormType::form, form_node_config);
  add_fields(form, now, With::everything);
  return form;
}

Form config_record(const NodeConfig& config) {
  Form form = make_form(FormType::submit, form_node_config);
  add_fields(form, config, With::values);
  return form;
}

Result<NodeConfig, PubsubRefusal> configured(NodeConfig base, const Form& submitted) {
  for (const Field& given : submitted.fields) {
    const FieldOf* field = field_of(given.var);
    if (field == nullptr) continue;
    if (field->set(base, given.values)) continue;
    auto detail = given.var == "pubsub#access_model" ? PubsubCondition::unsupported_access_model
                                                     : PubsubCondition::none;
    return Err{PubsubRefusal(Condition::not_acceptable, detail, given.var)};
  }
  return base;
}

bool meets(const NodeConfig& config, const Form& publish_options) {
  for (const Field& given : publish_options.fields) {
    if (given.var == "FORM_TYPE") continue;
    const FieldOf* field = field_of(given.var);
    // Read as a configuration, so that 1 and true, max and its number are the same.
    NodeConfig demanded = config;
    if (field == nullptr || !field->set(demanded, given.values) || demanded != config) return false;
  }
  return true;
}

Form meta_data_form(const NodeConfig& config, const NodeFacts& facts) {
  Form form = make_form(FormType::result, form_meta_data);
  add_fields(form, config, With::values);
  auto add = [&](std::string_view var, FieldType type, std::vector<std::string> values) {
    if (values.empty()) return;
    Field field;
    field.var = std::string(var);
    field.type = type;
    field.values = std::move(values);
    form.fields.push_back(std::move(field));
  };
  add("pubsub#creation_date", FieldType::text_single, optional_one(facts.created));
  add("pubsub#creator", FieldType::jid_single, optional_one(facts.creator));
  add("pubsub#owner", FieldType::jid_multi, facts.owners);
  add("pubsub#publisher", FieldType::jid_multi, facts.publishers);
  add("pubsub#num_subscribers", FieldType::text_single, one(std::to_string(facts.subscribers)));
  add("pubsub#num_items", FieldType::text_single, one(std::to_string(facts.items)));
  return form;
}

}  // namespace xbus::xmpp
