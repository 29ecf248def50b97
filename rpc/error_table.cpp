#include "rpc/error_table.hpp"

#include <charconv>

#include "rpc/metadata.hpp"

namespace xbus {

namespace {

using xmpp::Condition;
using xmpp::ErrorType;

constexpr std::string_view sender = "Sender";
constexpr std::string_view receiver = "Receiver";
constexpr std::string_view none = {};
constexpr std::nullopt_t no = std::nullopt;

// A row without a fault code of its own has -32000 - gRPC status.
constexpr ErrorRow row(FaultKind kind, std::string_view name, int xmlrpc, std::string_view soap,
                       std::string_view subcode, std::optional<Condition> stanza, ErrorType type, GrpcStatus grpc,
                       std::optional<Condition> too = {}) {
  const bool given = xmlrpc != 0;
  const bool has_none = kind == FaultKind::ok || kind == FaultKind::custom;
  const int code = given || has_none ? xmlrpc : -32000 - static_cast<int>(grpc);
  return {kind, name, code, given, soap, subcode, stanza, type, too, grpc};
}

using K = FaultKind;
using G = GrpcStatus;
constexpr ErrorType cancel = ErrorType::cancel, wait = ErrorType::wait, modify = ErrorType::modify,
                    auth = ErrorType::auth;

// clang-format off
constexpr ErrorRow rows[] = {
  // kind                  name                      XML-RPC SOAP code          subcode                 stanza error                        type    gRPC                   also
  row(K::ok,               "ok",                     0,      none,              none,                   no,                                 cancel, G::ok),
  row(K::unavailable,      "unavailable",            0,      none,              none,                   Condition::service_unavailable,     cancel, G::unavailable),
  row(K::no_such_domain,   "no-such-domain",         0,      none,              none,                   Condition::remote_server_not_found, cancel, G::unavailable),
  row(K::timeout,          "timeout",                0,      none,              none,                   Condition::remote_server_timeout,   wait,   G::deadline_exceeded),
  row(K::lost,             "lost",                   0,      none,              none,                   no,                                 cancel, G::aborted),
  row(K::no_such_method,   "no-such-method",         -32601, sender,            "ProcedureNotPresent",  no,                                 cancel, G::unimplemented),
  row(K::invalid,          "invalid",                -32602, sender,            "BadArguments",         no,                                 cancel, G::invalid_argument),
  row(K::malformed,        "malformed",              -32700, sender,            none,                   Condition::bad_request,             modify, G::invalid_argument),
  row(K::forbidden,        "forbidden",              0,      none,              none,                   Condition::forbidden,               auth,   G::permission_denied),
  row(K::not_logged_in,    "not-logged-in",          0,      none,              none,                   Condition::not_authorized,          auth,   G::unauthenticated),
  row(K::too_big,          "too-big",                0,      none,              none,                   Condition::policy_violation,        modify, G::resource_exhausted, Condition::not_acceptable),
  row(K::busy,             "busy",                   0,      receiver,          none,                   Condition::resource_constraint,     wait,   G::resource_exhausted),
  row(K::failed,           "failed",                 -32603, receiver,          none,                   Condition::internal_server_error,   cancel, G::internal),
  row(K::cancelled,        "cancelled",              0,      receiver,          none,                   no,                                 cancel, G::cancelled),
  row(K::not_found,        "not-found",              0,      sender,            none,                   no,                                 cancel, G::not_found),
  row(K::already_exists,   "already-exists",         0,      sender,            none,                   no,                                 cancel, G::already_exists),
  row(K::out_of_range,     "out-of-range",           0,      sender,            none,                   no,                                 cancel, G::out_of_range),
  row(K::data_loss,        "data-loss",              0,      receiver,          none,                   no,                                 cancel, G::data_loss),
  row(K::custom,           "custom",                 0,      receiver,          none,                   no,                                 cancel, G::unknown),
  row(K::header_not_understood, "header-not-understood", 0,  "MustUnderstand",  none,                   Condition::undefined_condition,     cancel, G::failed_precondition),
  row(K::soap_version,     "soap-version",           0,      "VersionMismatch", none,                   Condition::undefined_condition,     cancel, G::unimplemented),
};
// clang-format on

constexpr bool rows_stand_at_their_kind() {
  for (size_t i = 0; i < std::size(rows); ++i)
    if (static_cast<size_t>(rows[i].kind) != i) return false;
  return true;
}
static_assert(rows_stand_at_their_kind());

constexpr std::string_view own_code_prefix = "code-";
// The namespace of calls: elements in it name a row that has no stanza error of its own.
constexpr std::string_view ns_rows = "urn:xbus:call:0";

std::optional<Reading> read_name(std::string_view name) {
  if (auto code = own_code_of(name)) return Reading{FaultKind::custom, *code};
  if (auto kind = fault_kind_of(name); kind && *kind != FaultKind::ok) return Reading{*kind};
  return {};
}

}  // namespace

std::span<const ErrorRow> error_table() { return rows; }
const ErrorRow& error_row(FaultKind kind) { return rows[static_cast<size_t>(kind)]; }
std::string_view name_of(FaultKind kind) { return error_row(kind).name; }

std::optional<FaultKind> fault_kind_of(std::string_view name) {
  for (const ErrorRow& row : rows)
    if (row.name == name) return row.kind;
  return {};
}

std::string own_code_name(int code) { return std::string(own_code_prefix) + std::to_string(code); }

std::optional<int> own_code_of(std::string_view name) {
  if (!name.starts_with(own_code_prefix)) return {};
  name.remove_prefix(own_code_prefix.size());
  int code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code);
  if (error != std::errc() || end != name.data() + name.size()) return {};
  return code;
}

int xmlrpc_code(FaultKind kind, int own) {
  if (kind == FaultKind::custom) return own;
  return error_row(kind).xmlrpc;
}

SoapCode soap_code(FaultKind kind, int own) {
  const ErrorRow& row = error_row(kind);
  // A row without a SOAP cell still has a subcode of ours; Receiver says that the message itself was in order.
  SoapCode soap{std::string(row.soap_code.empty() ? receiver : row.soap_code), std::string(row.soap_subcode),
                !row.soap_subcode.empty()};
  if (kind == FaultKind::custom) {
    soap.subcode = own_code_name(own);
  } else if (soap.subcode.empty()) {
    soap.subcode = row.name;
  }
  return soap;
}

xmpp::StanzaError stanza_error(FaultKind kind, std::string text) {
  const ErrorRow& row = error_row(kind);
  xmpp::StanzaError error(row.stanza_type, row.stanza.value_or(Condition::undefined_condition), std::move(text));
  // A row that no condition stands for goes by its name beside undefined-condition (RFC 6120 section 8.3.4).
  if (!row.stanza) error.application = xml::Element(std::string(row.name), std::string(ns_call));
  return error;
}

GrpcStatus grpc_status(FaultKind kind) { return error_row(kind).grpc; }

int exit_status(FaultKind kind) {
  return kind == FaultKind::ok ? 0 : exit_status_base + static_cast<int>(grpc_status(kind));
}

Reading read_xmlrpc(int code) {
  for (const ErrorRow& row : rows)
    if (row.xmlrpc == code && row.xmlrpc != 0) return {row.kind};
  return {FaultKind::custom, code};
}

Reading read_soap(const SoapCode& soap) {
  if (soap.rpc_namespace) {
    for (const ErrorRow& row : rows)
      if (!soap.subcode.empty() && row.soap_subcode == soap.subcode) return {row.kind};
  } else if (auto named = read_name(soap.subcode)) {
    return *named;
  }
  // The cell of a row with a subcode is the pair, so a code alone never reads as such a row.
  for (const ErrorRow& row : rows)
    if (!row.soap_code.empty() && row.soap_code == soap.code && row.soap_subcode.empty()) return {row.kind};
  return {FaultKind::failed};
}

Reading read_stanza(const xmpp::StanzaError& error) {
  switch (error.condition) {
    case Condition::item_not_found:
    case Condition::gone:
    case Condition::recipient_unavailable:
    case Condition::redirect:
    case Condition::feature_not_implemented:
      return {FaultKind::unavailable};
    case Condition::not_allowed:
    case Condition::registration_required:
    case Condition::subscription_required:
      return {FaultKind::forbidden};
    case Condition::unexpected_request:
    case Condition::jid_malformed:
      return {FaultKind::malformed};
    case Condition::conflict:
      return {FaultKind::already_exists};
    case Condition::undefined_condition:
      if (error.application && error.application->ns() == ns_call)
        if (auto named = fault_kind_of(error.application->name())) return {*named};
      // The two SOAP rows are told by the fault element that goes with the condition (XEP-0072 section 6).
      if (error.application && error.application->ns() == ns_rows)
        return read_name(error.application->name()).value_or(Reading{FaultKind::failed});
      if (error.application && error.application->name() == "MustUnderstand")
        return {FaultKind::header_not_understood};
      if (error.application && error.application->name() == "VersionMismatch") return {FaultKind::soap_version};
      return {FaultKind::failed};
    default:
      break;
  }
  for (const ErrorRow& row : rows)
    if (row.stanza == error.condition || row.stanza_too == error.condition) return {row.kind};
  return {FaultKind::failed};
}

Reading read_grpc(GrpcStatus status, std::string_view row_name) {
  if (auto named = read_name(row_name)) return *named;
  // A handler failure is INTERNAL or UNKNOWN; without a detail that gives a code, UNKNOWN is no fault of its own.
  if (status == GrpcStatus::unknown) return {FaultKind::failed};
  for (const ErrorRow& row : rows)
    if (row.grpc == status) return {row.kind};
  return {FaultKind::failed};
}

}  // namespace xbus
