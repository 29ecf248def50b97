// The errors of XMPP: stanza errors, stream errors and SASL failures (RFC 6120 sections 8.3, 4.9
// and 6.5).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_stanza_errors = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view ns_stream_errors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view ns_sasl = "urn:ietf:params:xml:ns:xmpp-sasl";

// ---- Stanza errors (section 8.3) ----

// What the sender can do about it (section 8.3.2).
enum class ErrorType : uint8_t { auth, cancel, continue_, modify, wait };

// Section 8.3.3, in its order.
enum class Condition : uint8_t {
  bad_request,
  conflict,
  feature_not_implemented,
  forbidden,
  gone,
  internal_server_error,
  item_not_found,
  jid_malformed,
  not_acceptable,
  not_allowed,
  not_authorized,
  policy_violation,
  recipient_unavailable,
  redirect,
  registration_required,
  remote_server_not_found,
  remote_server_timeout,
  resource_constraint,
  service_unavailable,
  subscription_required,
  undefined_condition,
  unexpected_request,
};

std::string_view name_of(ErrorType type);
std::string_view name_of(Condition condition);
std::optional<ErrorType> error_type_of(std::string_view name);
std::optional<Condition> condition_of(std::string_view name);
// The type that section 8.3.3 gives the condition.
ErrorType default_type(Condition condition);
// The code of XEP-0086 that old clients read.
int legacy_code(Condition condition);

struct StanzaError {
  ErrorType type = ErrorType::cancel;
  Condition condition = Condition::undefined_condition;
  std::string text;  // for a person, never parsed (CORE-36)
  std::optional<xml::Element>
      application;   // the application-specific condition, in a namespace of its own
  std::string lang;  // of the text; empty: not stated
  std::string uri;   // of gone and redirect: where to
  std::string by;    // the JID that found the error, empty: not stated

  StanzaError() = default;
  // With the condition's own type.
  StanzaError(Condition of, std::string why = {});
  StanzaError(ErrorType as, Condition of, std::string why = {});
  bool operator==(const StanzaError&) const = default;
};

// <error/> in the stanza's content namespace, with the XEP-0086 code beside the type.
xml::Element to_element(const StanzaError& error, std::string_view content_ns = xml::ns_client);
// Reads an <error/>, or the stanza of type error that holds one. Never fails: an unknown condition
// is undefined-condition, a missing or unknown type is the condition's own, a missing <error/> is
// undefined-condition of type cancel; a bare XEP-0086 code is read as the condition it stands for.
StanzaError stanza_error_from(const xml::Element& error_or_stanza);

// ---- Stream errors (section 4.9): always the end of the stream ----

enum class StreamCondition : uint8_t {
  bad_format,
  bad_namespace_prefix,
  conflict,
  connection_timeout,
  host_gone,
  host_unknown,
  improper_addressing,
  internal_server_error,
  invalid_from,
  invalid_namespace,
  invalid_xml,
  not_authorized,
  not_well_formed,
  policy_violation,
  remote_connection_failed,
  reset,
  resource_constraint,
  restricted_xml,
  see_other_host,
  system_shutdown,
  undefined_condition,
  unsupported_encoding,
  unsupported_feature,
  unsupported_stanza_type,
  unsupported_version,
};

std::string_view name_of(StreamCondition condition);
std::optional<StreamCondition> stream_condition_of(std::string_view name);
// The stream error that refuses such input; undefined-condition for ScanError::none.
StreamCondition stream_condition_of(xml::ScanError error);

struct StreamError {
  StreamCondition condition = StreamCondition::undefined_condition;
  std::string text;
  std::optional<xml::Element> application;
  std::string host;  // of see-other-host: where to (section 4.9.3.19)
  bool operator==(const StreamError&) const = default;
};

// <error/> in the stream namespace.
xml::Element to_element(const StreamError& error);
StreamError stream_error_from(const xml::Element& error);

// ---- SASL failures (section 6.5) ----

enum class SaslCondition : uint8_t {
  aborted,
  account_disabled,
  credentials_expired,
  encryption_required,
  incorrect_encoding,
  invalid_authzid,
  invalid_mechanism,
  malformed_request,
  mechanism_too_weak,
  not_authorized,
  temporary_auth_failure,
};

std::string_view name_of(SaslCondition condition);
std::optional<SaslCondition> sasl_condition_of(std::string_view name);

struct SaslFailure {
  SaslCondition condition = SaslCondition::not_authorized;
  std::string text;
  bool operator==(const SaslFailure&) const = default;
};

// <failure/> in the SASL namespace.
xml::Element to_element(const SaslFailure& failure);
// An unknown condition is not-authorized (section 6.5).
SaslFailure sasl_failure_from(const xml::Element& failure);

}  // namespace xbus::xmpp
