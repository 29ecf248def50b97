#include "bus/xmpp/error.hpp"

#include <array>
#include <utility>

namespace xbus::xmpp {

namespace {

constexpr std::array<std::string_view, 5> type_names = {"auth", "cancel", "continue", "modify",
                                                        "wait"};

struct ConditionRow {
  std::string_view name;
  ErrorType type;
  int code;  // XEP-0086; 0: that table is older than the condition
};

// Indexed by Condition.
constexpr std::array<ConditionRow, 22> conditions = {{
    {"bad-request", ErrorType::modify, 400},
    {"conflict", ErrorType::cancel, 409},
    {"feature-not-implemented", ErrorType::cancel, 501},
    {"forbidden", ErrorType::auth, 403},
    {"gone", ErrorType::cancel, 302},
    {"internal-server-error", ErrorType::cancel, 500},
    {"item-not-found", ErrorType::cancel, 404},
    {"jid-malformed", ErrorType::modify, 400},
    {"not-acceptable", ErrorType::modify, 406},
    {"not-allowed", ErrorType::cancel, 405},
    {"not-authorized", ErrorType::auth, 401},
    {"policy-violation", ErrorType::modify, 0},
    {"recipient-unavailable", ErrorType::wait, 404},
    {"redirect", ErrorType::modify, 302},
    {"registration-required", ErrorType::auth, 407},
    {"remote-server-not-found", ErrorType::cancel, 404},
    {"remote-server-timeout", ErrorType::wait, 504},
    {"resource-constraint", ErrorType::wait, 500},
    {"service-unavailable", ErrorType::cancel, 503},
    {"subscription-required", ErrorType::auth, 407},
    {"undefined-condition", ErrorType::cancel, 500},
    {"unexpected-request", ErrorType::wait, 400},
}};
static_assert(conditions.size() == static_cast<size_t>(Condition::unexpected_request) + 1);

// Indexed by StreamCondition.
constexpr std::array<std::string_view, 25> stream_conditions = {
    "bad-format",
    "bad-namespace-prefix",
    "conflict",
    "connection-timeout",
    "host-gone",
    "host-unknown",
    "improper-addressing",
    "internal-server-error",
    "invalid-from",
    "invalid-namespace",
    "invalid-xml",
    "not-authorized",
    "not-well-formed",
    "policy-violation",
    "remote-connection-failed",
    "reset",
    "resource-constraint",
    "restricted-xml",
    "see-other-host",
    "system-shutdown",
    "undefined-condition",
    "unsupported-encoding",
    "unsupported-feature",
    "unsupported-stanza-type",
    "unsupported-version",
};
static_assert(stream_conditions.size() ==
              static_cast<size_t>(StreamCondition::unsupported_version) + 1);

// Indexed by SaslCondition.
constexpr std::array<std::string_view, 11> sasl_conditions = {
    "aborted",
    "account-disabled",
    "credentials-expired",
    "encryption-required",
    "incorrect-encoding",
    "invalid-authzid",
    "invalid-mechanism",
    "malformed-request",
    "mechanism-too-weak",
    "not-authorized",
    "temporary-auth-failure",
};
static_assert(sasl_conditions.size() ==
              static_cast<size_t>(SaslCondition::temporary_auth_failure) + 1);

template <class Enum, size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum>
size_t index(Enum value) {
  return static_cast<size_t>(value);
}

// XEP-0086 section 3, table 2: what an old peer means by a code alone.
std::optional<Condition> condition_of_code(std::string_view code) {
  constexpr std::pair<std::string_view, Condition> rows[] = {
      {"302", Condition::redirect},
      {"400", Condition::bad_request},
      {"401", Condition::not_authorized},
      {"403", Condition::forbidden},
      {"404", Condition::item_not_found},
      {"405", Condition::not_allowed},
      {"406", Condition::not_acceptable},
      {"407", Condition::registration_required},
      {"408", Condition::remote_server_timeout},
      {"409", Condition::conflict},
      {"500", Condition::internal_server_error},
      {"501", Condition::feature_not_implemented},
      {"502", Condition::service_unavailable},
      {"503", Condition::service_unavailable},
      {"504", Condition::remote_server_timeout},
      {"510", Condition::service_unavailable},
  };
  for (const auto& [number, condition] : rows) {
    if (number == code) return condition;
  }
  return std::nullopt;
}

xml::Element text_element(std::string_view ns, std::string_view text, std::string_view lang) {
  xml::Element element("text", std::string(ns));
  if (!lang.empty()) element.set("lang", xml::ns_xml, lang);
  element.add_text(text);
  return element;
}

}  // namespace

std::string_view name_of(ErrorType type) { return type_names[index(type)]; }
std::string_view name_of(Condition condition) { return conditions[index(condition)].name; }
std::string_view name_of(StreamCondition condition) { return stream_conditions[index(condition)]; }
std::string_view name_of(SaslCondition condition) { return sasl_conditions[index(condition)]; }

std::optional<ErrorType> error_type_of(std::string_view name) {
  return find<ErrorType>(type_names, name);
}

std::optional<Condition> condition_of(std::string_view name) {
  for (size_t i = 0; i < conditions.size(); ++i) {
    if (conditions[i].name == name) return static_cast<Condition>(i);
  }
  return std::nullopt;
}

std::optional<StreamCondition> stream_condition_of(std::string_view name) {
  return find<StreamCondition>(stream_conditions, name);
}

std::optional<SaslCondition> sasl_condition_of(std::string_view name) {
  return find<SaslCondition>(sasl_conditions, name);
}

ErrorType default_type(Condition condition) { return conditions[index(condition)].type; }
int legacy_code(Condition condition) { return conditions[index(condition)].code; }

StreamCondition stream_condition_of(xml::ScanError error) {
  switch (error) {
    case xml::ScanError::none:
      return StreamCondition::undefined_condition;
    case xml::ScanError::not_well_formed:
    case xml::ScanError::bad_utf8:
      return StreamCondition::not_well_formed;
    case xml::ScanError::restricted_xml:
      return StreamCondition::restricted_xml;
    case xml::ScanError::unsupported_encoding:
      return StreamCondition::unsupported_encoding;
    case xml::ScanError::too_big:
    case xml::ScanError::too_deep:
      return StreamCondition::policy_violation;
  }
  return StreamCondition::undefined_condition;
}

StanzaError::StanzaError(Condition of, std::string why)
    : StanzaError(default_type(of), of, std::move(why)) {}

StanzaError::StanzaError(ErrorType as, Condition of, std::string why)
    : type(as), condition(of), text(std::move(why)) {}

xml::Element to_element(const StanzaError& error, std::string_view content_ns) {
  xml::Element element("error", std::string(content_ns));
  if (int code = legacy_code(error.condition); code != 0) element.set("code", std::to_string(code));
  element.set("type", name_of(error.type));
  if (!error.by.empty()) element.set("by", error.by);
  xml::Element condition(std::string(name_of(error.condition)), std::string(ns_stanza_errors));
  const bool has_uri = error.condition == Condition::gone || error.condition == Condition::redirect;
  if (has_uri && !error.uri.empty()) condition.add_text(error.uri);
  element.add(std::move(condition));
  if (!error.text.empty()) element.add(text_element(ns_stanza_errors, error.text, error.lang));
  if (error.application) element.add(*error.application);
  return element;
}

StanzaError stanza_error_from(const xml::Element& error_or_stanza) {
  StanzaError error;
  const xml::Element* element = &error_or_stanza;
  if (element->name() != "error") element = element->first("error", element->ns());
  if (!element) return error;
  bool understood = false, named = false;
  for (const xml::Element* child : element->elements()) {
    if (child->ns() != ns_stanza_errors) {
      // What belongs to the stanza itself is no application's condition.
      if (!error.application && child->ns() != element->ns()) error.application = *child;
    } else if (child->name() == "text") {
      if (!error.text.empty()) continue;
      error.text = child->text();
      if (const std::string* lang = child->attr("lang", xml::ns_xml)) error.lang = *lang;
    } else if (!named) {
      named = true;
      if (auto condition = condition_of(child->name())) {
        understood = true;
        error.condition = *condition;
        if (*condition == Condition::gone || *condition == Condition::redirect)
          error.uri = child->text();
      }
    }
  }
  if (!named) {
    if (auto condition = condition_of_code(element->attr_or("code", ""))) {
      understood = true;
      error.condition = *condition;
      if (error.text.empty()) error.text = element->text();
    }
  }
  if (auto type = error_type_of(element->attr_or("type", ""))) {
    error.type = *type;
  } else if (understood) {
    error.type = default_type(error.condition);
  }
  error.by = element->attr_or("by", "");
  return error;
}

xml::Element to_element(const StreamError& error) {
  xml::Element element("error", std::string(xml::ns_stream));
  xml::Element condition(std::string(name_of(error.condition)), std::string(ns_stream_errors));
  if (error.condition == StreamCondition::see_other_host && !error.host.empty())
    condition.add_text(error.host);
  element.add(std::move(condition));
  if (!error.text.empty()) element.add(text_element(ns_stream_errors, error.text, "en"));
  if (error.application) element.add(*error.application);
  return element;
}

StreamError stream_error_from(const xml::Element& element) {
  StreamError error;
  bool named = false;
  for (const xml::Element* child : element.elements()) {
    if (child->ns() != ns_stream_errors) {
      if (!error.application) error.application = *child;
    } else if (child->name() == "text") {
      if (error.text.empty()) error.text = child->text();
    } else if (!named) {
      named = true;
      error.condition =
          stream_condition_of(child->name()).value_or(StreamCondition::undefined_condition);
      if (error.condition == StreamCondition::see_other_host) error.host = child->text();
    }
  }
  return error;
}

xml::Element to_element(const SaslFailure& failure) {
  xml::Element element("failure", std::string(ns_sasl));
  element.add(std::string(name_of(failure.condition)));
  if (!failure.text.empty()) element.add(text_element(ns_sasl, failure.text, "en"));
  return element;
}

SaslFailure sasl_failure_from(const xml::Element& element) {
  SaslFailure failure;
  for (const xml::Element* child : element.elements()) {
    if (child->name() == "text") {
      if (failure.text.empty()) failure.text = child->text();
    } else if (auto condition = sasl_condition_of(child->name())) {
      failure.condition = *condition;
    }
  }
  return failure;
}

}  // namespace xbus::xmpp
