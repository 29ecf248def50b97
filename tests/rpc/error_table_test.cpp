// The table of outcomes, every row and every cell, written and read.
#include "rpc/error_table.hpp"

#include <gtest/gtest.h>

#include "rpc/fault.hpp"

namespace xbus {
namespace {

using K = FaultKind;
using G = GrpcStatus;
using xmpp::Condition;
using xmpp::ErrorType;

struct Expected {
  K kind;
  const char* name;
  int xmlrpc;  // of custom: any code of its own, here 7
  const char* soap;
  const char* subcode;
  bool rpc_namespace;
  std::optional<Condition> stanza;
  ErrorType type;
  G grpc;
  int exit;
  // What the cells read as, where several rows share one.
  K from_xmlrpc, from_stanza, from_grpc;
};

constexpr auto none = std::nullopt;

// clang-format off
const Expected table[] = {
  {K::unavailable, "unavailable", -32014, "Receiver", "unavailable", false, Condition::service_unavailable, ErrorType::cancel, G::unavailable, 78, K::unavailable, K::unavailable, K::unavailable},
  {K::no_such_domain, "no-such-domain", -32014, "Receiver", "no-such-domain", false, Condition::remote_server_not_found, ErrorType::cancel, G::unavailable, 78, K::unavailable, K::no_such_domain, K::unavailable},
  {K::timeout, "timeout", -32004, "Receiver", "timeout", false, Condition::remote_server_timeout, ErrorType::wait, G::deadline_exceeded, 68, K::timeout, K::timeout, K::timeout},
  {K::lost, "lost", -32010, "Receiver", "lost", false, none, ErrorType::cancel, G::aborted, 74, K::lost, K::failed, K::lost},
  {K::no_such_method, "no-such-method", -32601, "Sender", "ProcedureNotPresent", true, none, ErrorType::cancel, G::unimplemented, 76, K::no_such_method, K::failed, K::no_such_method},
  {K::invalid, "invalid", -32602, "Sender", "BadArguments", true, none, ErrorType::cancel, G::invalid_argument, 67, K::invalid, K::failed, K::invalid},
  {K::malformed, "malformed", -32700, "Sender", "malformed", false, Condition::bad_request, ErrorType::modify, G::invalid_argument, 67, K::malformed, K::malformed, K::invalid},
  {K::forbidden, "forbidden", -32007, "Receiver", "forbidden", false, Condition::forbidden, ErrorType::auth, G::permission_denied, 71, K::forbidden, K::forbidden, K::forbidden},
  {K::not_logged_in, "not-logged-in", -32016, "Receiver", "not-logged-in", false, Condition::not_authorized, ErrorType::auth, G::unauthenticated, 80, K::not_logged_in, K::not_logged_in, K::not_logged_in},
  {K::too_big, "too-big", -32008, "Receiver", "too-big", false, Condition::policy_violation, ErrorType::modify, G::resource_exhausted, 72, K::too_big, K::too_big, K::too_big},
  {K::busy, "busy", -32008, "Receiver", "busy", false, Condition::resource_constraint, ErrorType::wait, G::resource_exhausted, 72, K::too_big, K::busy, K::too_big},
  {K::failed, "failed", -32603, "Receiver", "failed", false, Condition::internal_server_error, ErrorType::cancel, G::internal, 77, K::failed, K::failed, K::failed},
  {K::cancelled, "cancelled", -32001, "Receiver", "cancelled", false, none, ErrorType::cancel, G::cancelled, 65, K::cancelled, K::failed, K::cancelled},
  {K::not_found, "not-found", -32005, "Sender", "not-found", false, none, ErrorType::cancel, G::not_found, 69, K::not_found, K::failed, K::not_found},
  {K::already_exists, "already-exists", -32006, "Sender", "already-exists", false, none, ErrorType::cancel, G::already_exists, 70, K::already_exists, K::failed, K::already_exists},
  {K::out_of_range, "out-of-range", -32011, "Sender", "out-of-range", false, none, ErrorType::cancel, G::out_of_range, 75, K::out_of_range, K::failed, K::out_of_range},
  {K::data_loss, "data-loss", -32015, "Receiver", "data-loss", false, none, ErrorType::cancel, G::data_loss, 79, K::data_loss, K::failed, K::data_loss},
  {K::custom, "custom", 7, "Receiver", "code-7", false, none, ErrorType::cancel, G::unknown, 66, K::custom, K::failed, K::failed},
  {K::header_not_understood, "header-not-understood", -32009, "MustUnderstand", "header-not-understood", false, Condition::undefined_condition, ErrorType::cancel, G::failed_precondition, 73, K::header_not_understood, K::failed, K::header_not_understood},
  {K::soap_version, "soap-version", -32012, "VersionMismatch", "soap-version", false, Condition::undefined_condition, ErrorType::cancel, G::unimplemented, 76, K::soap_version, K::failed, K::no_such_method},
};
// clang-format on

TEST(ErrorTable, every_row_is_here) {
  EXPECT_EQ(error_table().size(), std::size(table) + 1);  // and the row of success
  EXPECT_EQ(exit_status(K::ok), 0);
  EXPECT_EQ(grpc_status(K::ok), G::ok);
}

TEST(ErrorTable, each_row_is_written_as_the_table_says) {
  for (const Expected& row : table) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(name_of(row.kind), row.name);
    EXPECT_EQ(xmlrpc_code(row.kind, 7), row.xmlrpc);
    EXPECT_EQ(soap_code(row.kind, 7), (SoapCode{row.soap, row.subcode, row.rpc_namespace}));
    const auto stanza = stanza_error(row.kind, "why");
    EXPECT_EQ(stanza.condition, row.stanza.value_or(Condition::undefined_condition));
    EXPECT_EQ(stanza.type, row.type);
    EXPECT_EQ(stanza.text, "why");
    EXPECT_EQ(grpc_status(row.kind), row.grpc);
    EXPECT_EQ(exit_status(row.kind), row.exit);
    EXPECT_EQ(exit_status(row.kind), 64 + static_cast<int>(row.grpc));
  }
}

TEST(ErrorTable, each_row_is_read_by_name_code_and_cell) {
  for (const Expected& row : table) {
    SCOPED_TRACE(row.name);
    const int own = row.kind == K::custom ? 7 : 0;
    EXPECT_EQ(fault_kind_of(row.name), row.kind);
    EXPECT_EQ(read_xmlrpc(row.xmlrpc), (Reading{row.from_xmlrpc, own}));
    EXPECT_EQ(read_soap(soap_code(row.kind, 7)), (Reading{row.kind, own}));
    if (row.stanza) {
      EXPECT_EQ(read_stanza(stanza_error(row.kind)).kind, row.from_stanza);
    } else {
      EXPECT_EQ(read_stanza(stanza_error(row.kind)).kind, row.kind);
      EXPECT_EQ(read_stanza(Condition::undefined_condition).kind, row.from_stanza);
    }
    EXPECT_EQ(read_grpc(row.grpc).kind, row.from_grpc);
    // The detail that names the row tells rows of one status apart.
    EXPECT_EQ(read_grpc(row.grpc, row.kind == K::custom ? "code-7" : row.name), (Reading{row.kind, own}));
  }
}

TEST(ErrorTable, a_soap_code_without_a_known_subcode_is_the_first_row_with_that_cell) {
  EXPECT_EQ(read_soap({"Sender", "", false}).kind, K::malformed);
  EXPECT_EQ(read_soap({"Receiver", "", false}).kind, K::busy);
  EXPECT_EQ(read_soap({"Receiver", "TheirOwn", true}).kind, K::busy);
  EXPECT_EQ(read_soap({"MustUnderstand", "", false}).kind, K::header_not_understood);
  EXPECT_EQ(read_soap({"VersionMismatch", "", false}).kind, K::soap_version);
  EXPECT_EQ(read_soap({"DataEncodingUnknown", "", false}).kind, K::failed);
  EXPECT_EQ(read_soap({"Sender", "ok", false}).kind, K::malformed);  // a fault is never a success
}

TEST(ErrorTable, a_server_that_says_gone_or_not_found_means_unavailable) {
  for (const auto condition : {Condition::recipient_unavailable, Condition::item_not_found, Condition::gone,
                               Condition::service_unavailable, Condition::feature_not_implemented})
    EXPECT_EQ(read_stanza(condition).kind, K::unavailable) << name_of(condition);
  EXPECT_EQ(read_stanza(Condition::not_acceptable).kind, K::too_big);
  EXPECT_EQ(read_stanza(Condition::not_allowed).kind, K::forbidden);
}

TEST(ErrorTable, CORE_38_what_has_moved_is_unavailable_wherever_it_is_said_to_be) {
  for (const auto condition : {Condition::gone, Condition::redirect}) {
    xmpp::StanzaError error(condition);
    error.uri = "xmpp:elsewhere@example.net";
    EXPECT_EQ(read_stanza(error).kind, K::unavailable) << name_of(condition);
  }
}

TEST(ErrorTable, undefined_condition_is_told_by_its_soap_fault) {
  xmpp::StanzaError error(Condition::undefined_condition);
  EXPECT_EQ(read_stanza(error).kind, K::failed);
  error.application = xml::Element("MustUnderstand", "http://jabber.org/protocol/soap#fault");
  EXPECT_EQ(read_stanza(error).kind, K::header_not_understood);
  error.application = xml::Element("VersionMismatch", "http://jabber.org/protocol/soap#fault");
  EXPECT_EQ(read_stanza(error).kind, K::soap_version);
}

TEST(ErrorTable, every_condition_of_a_server_has_a_reading) {
  for (int i = 0; i <= static_cast<int>(Condition::unexpected_request); ++i)
    EXPECT_NE(read_stanza(static_cast<Condition>(i)).kind, K::ok);
}

TEST(ErrorTable, own_codes_go_through_every_wire) {
  for (const int code : {0, 1, -5, 42, -32000, 2'147'483'647, -2'147'483'647 - 1}) {
    EXPECT_EQ(read_xmlrpc(code), (Reading{K::custom, code}));
    EXPECT_EQ(own_code_of(own_code_name(code)), code);
    EXPECT_EQ(read_soap(soap_code(K::custom, code)), (Reading{K::custom, code}));
  }
  for (const char* bad : {"code-", "code-x", "code-1x", "code-99999999999", "kode-1"})
    EXPECT_EQ(own_code_of(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace xbus
