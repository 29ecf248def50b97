#include "bus/xmpp/error.hpp"

#include <gtest/gtest.h>

#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

// RFC 6120 section 8.3.3 and XEP-0086: name, type and code of every condition.
struct Row {
  Condition condition;
  std::string_view name;
  ErrorType type;
  int code;
};
constexpr Row rows[] = {
    {Condition::bad_request, "bad-request", ErrorType::modify, 400},
    {Condition::conflict, "conflict", ErrorType::cancel, 409},
    {Condition::feature_not_implemented, "feature-not-implemented", ErrorType::cancel, 501},
    {Condition::forbidden, "forbidden", ErrorType::auth, 403},
    {Condition::gone, "gone", ErrorType::cancel, 302},
    {Condition::internal_server_error, "internal-server-error", ErrorType::cancel, 500},
    {Condition::item_not_found, "item-not-found", ErrorType::cancel, 404},
    {Condition::jid_malformed, "jid-malformed", ErrorType::modify, 400},
    {Condition::not_acceptable, "not-acceptable", ErrorType::modify, 406},
    {Condition::not_allowed, "not-allowed", ErrorType::cancel, 405},
    {Condition::not_authorized, "not-authorized", ErrorType::auth, 401},
    {Condition::policy_violation, "policy-violation", ErrorType::modify, 0},
    {Condition::recipient_unavailable, "recipient-unavailable", ErrorType::wait, 404},
    {Condition::redirect, "redirect", ErrorType::modify, 302},
    {Condition::registration_required, "registration-required", ErrorType::auth, 407},
    {Condition::remote_server_not_found, "remote-server-not-found", ErrorType::cancel, 404},
    {Condition::remote_server_timeout, "remote-server-timeout", ErrorType::wait, 504},
    {Condition::resource_constraint, "resource-constraint", ErrorType::wait, 500},
    {Condition::service_unavailable, "service-unavailable", ErrorType::cancel, 503},
    {Condition::subscription_required, "subscription-required", ErrorType::auth, 407},
    {Condition::undefined_condition, "undefined-condition", ErrorType::cancel, 500},
    {Condition::unexpected_request, "unexpected-request", ErrorType::wait, 400},
};

TEST(StanzaError, CORE_37_every_condition_has_its_name_type_and_code) {
  ASSERT_EQ(std::size(rows), static_cast<size_t>(Condition::unexpected_request) + 1);
  for (const Row& row : rows) {
    EXPECT_EQ(name_of(row.condition), row.name);
    EXPECT_EQ(condition_of(row.name), row.condition);
    EXPECT_EQ(default_type(row.condition), row.type) << row.name;
    EXPECT_EQ(legacy_code(row.condition), row.code) << row.name;
    StanzaError error(row.condition, "why");
    EXPECT_EQ(error.type, row.type);
    EXPECT_EQ(stanza_error_from(to_element(error)), error) << row.name;
  }
  EXPECT_FALSE(condition_of("payment-required"));
  EXPECT_FALSE(condition_of(""));
}

TEST(StanzaError, CORE_37_types_have_the_names_of_the_standard) {
  const std::pair<ErrorType, std::string_view> types[] = {{ErrorType::auth, "auth"},
                                                          {ErrorType::cancel, "cancel"},
                                                          {ErrorType::continue_, "continue"},
                                                          {ErrorType::modify, "modify"},
                                                          {ErrorType::wait, "wait"}};
  for (auto [type, name] : types) {
    EXPECT_EQ(name_of(type), name);
    EXPECT_EQ(error_type_of(name), type);
    StanzaError error(type, Condition::policy_violation);
    EXPECT_EQ(stanza_error_from(to_element(error)).type, type);
  }
  EXPECT_FALSE(error_type_of("fatal"));
}

TEST(StanzaError, stanza_error_child_is_written_as_the_standard_says) {
  StanzaError error(Condition::gone, "moved");
  error.lang = "en";
  error.uri = "xmpp:romeo@afterlife.example.net";
  error.by = "example.net";
  error.application = xml::Element("moved", "urn:example:app");
  EXPECT_EQ(
      to_element(error),
      element("<error code='302' type='cancel' by='example.net'>"
              "<gone "
              "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:romeo@afterlife.example.net</gone>"
              "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>moved</text>"
              "<moved xmlns='urn:example:app'/></error>"));
  EXPECT_EQ(stanza_error_from(to_element(error)), error);
  EXPECT_EQ(to_element(StanzaError(Condition::policy_violation)).attr("code"), nullptr);
  EXPECT_EQ(to_element(error, xml::ns_component).ns(), xml::ns_component);
}

TEST(StanzaError, CORE_38_gone_and_redirect_carry_an_address_and_nothing_else_does) {
  for (const Row& row : rows) {
    StanzaError error(row.condition);
    error.uri = "xmpp:romeo@afterlife.example.net";
    const xml::Element written = to_element(error);
    const bool carries = row.condition == Condition::gone || row.condition == Condition::redirect;
    EXPECT_EQ(written.first(row.name, ns_stanza_errors)->text(), carries ? error.uri : "") << row.name;
    // What another condition has inside is no address either.
    xml::Element theirs("error", xml::ns_client);
    theirs.add(xml::Element(row.name, ns_stanza_errors)).add_text(error.uri);
    EXPECT_EQ(stanza_error_from(theirs).uri, carries ? error.uri : "") << row.name;
  }
}

TEST(StanzaError, CORE_36_an_unknown_condition_is_undefined_condition_and_the_type_counts) {
  StanzaError error =
      stanza_error_from(element("<error type='wait'><payment-required "
                                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"));
  EXPECT_EQ(error.condition, Condition::undefined_condition);
  EXPECT_EQ(error.type, ErrorType::wait);
}

TEST(StanzaError, CORE_36_what_is_missing_or_unknown_is_filled_in) {
  struct Case {
    std::string_view text;
    ErrorType type;
    Condition condition;
  };
  const Case cases[] = {
      {"<error type='fatal'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
       ErrorType::cancel, Condition::conflict},
      {"<error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", ErrorType::auth,
       Condition::forbidden},
      {"<error/>", ErrorType::cancel, Condition::undefined_condition},
      {"<error type='modify'><conflict/></error>", ErrorType::modify,
       Condition::undefined_condition},
      {"<error code='404'>Not Found</error>", ErrorType::cancel, Condition::item_not_found},
      {"<error code='401' type='cancel'/>", ErrorType::cancel, Condition::not_authorized},
      {"<error code='999'/>", ErrorType::cancel, Condition::undefined_condition},
  };
  for (const Case& c : cases) {
    StanzaError error = stanza_error_from(element(c.text));
    EXPECT_EQ(error.type, c.type) << c.text;
    EXPECT_EQ(error.condition, c.condition) << c.text;
    EXPECT_FALSE(error.application) << c.text;
  }
  EXPECT_EQ(stanza_error_from(element("<error code='404'>Not Found</error>")).text, "Not Found");
}

TEST(StanzaError, is_found_inside_its_stanza_behind_the_payload) {
  StanzaError error =
      stanza_error_from(element("<iq type='error' id='1'><error xmlns='urn:example'/><query "
                                "xmlns='jabber:iq:rpc'/><error type='auth'>"
                                "<x xmlns='urn:example:app'/><forbidden "
                                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"));
  EXPECT_EQ(error.condition, Condition::forbidden);
  ASSERT_TRUE(error.application);
  EXPECT_TRUE(error.application->is("x", "urn:example:app"));
  EXPECT_EQ(stanza_error_from(element("<iq type='error' id='1'/>")).condition,
            Condition::undefined_condition);
}

TEST(StreamError, every_condition_has_the_name_of_the_standard) {
  const std::string_view names[] = {"bad-format",
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
                                    "unsupported-version"};
  size_t i = 0;
  for (std::string_view name : names) {
    auto condition = static_cast<StreamCondition>(i++);
    EXPECT_EQ(name_of(condition), name);
    EXPECT_EQ(stream_condition_of(name), condition);
    StreamError error{.condition = condition, .text = "why", .application = {}, .host = {}};
    EXPECT_EQ(stream_error_from(to_element(error)), error);
  }
  EXPECT_FALSE(stream_condition_of("bad-request"));
}

TEST(StreamError, is_written_and_read_as_the_standard_says) {
  StreamError error{.condition = StreamCondition::see_other_host,
                    .text = "elsewhere",
                    .application = xml::Element("too-busy", "urn:example:app"),
                    .host = "[2001:41D0:1:A49b::1]:9222"};
  EXPECT_EQ(
      to_element(error),
      element(
          "<error xmlns='http://etherx.jabber.org/streams'>"
          "<see-other-host "
          "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[2001:41D0:1:A49b::1]:9222</see-other-host>"
          "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>elsewhere</text>"
          "<too-busy xmlns='urn:example:app'/></error>"));
  EXPECT_EQ(stream_error_from(to_element(error)), error);
}

TEST(StreamError, an_unknown_condition_is_undefined_condition) {
  EXPECT_EQ(
      stream_error_from(
          element("<error xmlns='http://etherx.jabber.org/streams'>"
                  "<xml-not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>"))
          .condition,
      StreamCondition::undefined_condition);
  EXPECT_EQ(
      stream_error_from(element("<error xmlns='http://etherx.jabber.org/streams'/>")).condition,
      StreamCondition::undefined_condition);
}

TEST(StreamError, CORE_48_each_refusal_of_the_scanner_has_its_stream_error) {
  using xml::ScanError;
  EXPECT_EQ(stream_condition_of(ScanError::not_well_formed), StreamCondition::not_well_formed);
  EXPECT_EQ(stream_condition_of(ScanError::bad_utf8), StreamCondition::not_well_formed);
  EXPECT_EQ(stream_condition_of(ScanError::restricted_xml), StreamCondition::restricted_xml);
  EXPECT_EQ(stream_condition_of(ScanError::unsupported_encoding),
            StreamCondition::unsupported_encoding);
  EXPECT_EQ(stream_condition_of(ScanError::too_big), StreamCondition::policy_violation);
  EXPECT_EQ(stream_condition_of(ScanError::too_deep), StreamCondition::policy_violation);
  EXPECT_EQ(stream_condition_of(ScanError::none), StreamCondition::undefined_condition);
}

TEST(SaslFailure, CORE_24_an_unknown_condition_is_not_authorized) {
  const std::string_view names[] = {"aborted",
                                    "account-disabled",
                                    "credentials-expired",
                                    "encryption-required",
                                    "incorrect-encoding",
                                    "invalid-authzid",
                                    "invalid-mechanism",
                                    "malformed-request",
                                    "mechanism-too-weak",
                                    "not-authorized",
                                    "temporary-auth-failure"};
  size_t i = 0;
  for (std::string_view name : names) {
    auto condition = static_cast<SaslCondition>(i++);
    EXPECT_EQ(name_of(condition), name);
    EXPECT_EQ(sasl_condition_of(name), condition);
    SaslFailure failure{.condition = condition, .text = "why"};
    EXPECT_EQ(sasl_failure_from(to_element(failure)), failure);
  }
  EXPECT_EQ(sasl_failure_from(
                element("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><bad-moon/></failure>"))
                .condition,
            SaslCondition::not_authorized);
  EXPECT_EQ(to_element(SaslFailure{.condition = SaslCondition::aborted, .text = {}}),
            element("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>"));
}

}  // namespace
}  // namespace xbus::xmpp
