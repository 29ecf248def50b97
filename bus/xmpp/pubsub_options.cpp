#include "bus/xmpp/pubsub_options.hpp"

#include "bus/xmpp/datetime.hpp"

namespace xbus::xmpp {
namespace {

constexpr std::string_view var_deliver = "pubsub#deliver", var_expire = "pubsub#expire";

Form options(FormType type, const SubscribeOptions& now) {
  Form form = make_form(type, form_subscribe_options);
  bool ask = type == FormType::form;
  form.add(var_deliver, now.deliver ? "1" : "0",
           ask ? std::optional(FieldType::boolean) : std::nullopt);
  if (ask) form.fields.back().label = "Events are sent";
  Field expire;
  expire.var = std::string(var_expire);
  if (now.until_presence) {
    expire.values = {"presence"};
  } else if (now.expire) {
    expire.values = {format_datetime(*now.expire)};
  }
  if (ask) {
    expire.type = FieldType::text_single;
    expire.label = "When the subscription ends: a date and time, or presence";
  }
  if (ask || !expire.values.empty()) form.fields.push_back(std::move(expire));
  return form;
}

}  // namespace

Form options_form(const SubscribeOptions& now) { return options(FormType::form, now); }
Form options_record(const SubscribeOptions& now) { return options(FormType::submit, now); }

Result<SubscribeOptions, PubsubRefusal> with_options(SubscribeOptions base, const Form& submitted) {
  auto bad = [](std::string_view var) {
    return Err{PubsubRefusal(Condition::bad_request, PubsubCondition::invalid_options,
                             std::string(var))};
  };
  for (const Field& field : submitted.fields) {
    if (field.var == var_deliver) {
      auto flag = field.values.size() == 1 ? boolean_of(field.value()) : std::nullopt;
      if (!flag) return bad(field.var);
      base.deliver = *flag;
    } else if (field.var == var_expire) {
      base.until_presence = false;
      base.expire.reset();
      if (field.values.empty() || field.value().empty()) continue;
      if (field.value() == "presence") {
        base.until_presence = true;
      } else if (auto end = parse_datetime(field.value())) {
        base.expire = *end;
      } else {
        return bad(field.var);
      }
    }
  }
  return base;
}

}  // namespace xbus::xmpp
