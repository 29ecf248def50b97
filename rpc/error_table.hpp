// The one table of outcomes: what each kind of failure is called in Jabber-RPC, SOAP 1.2, stanza errors, gRPC and as
// exit status, written and read in both directions.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bus/xmpp/error.hpp"

namespace xbus {

// A row of the table: what happened to a call, by what the caller can do about it.
enum class FaultKind : uint8_t {
  ok,                     // never the kind of a Fault: the row of success
  unavailable,            // no such service, or the instance has gone: nothing happened
  no_such_domain,         // the same for a whole domain
  timeout,                // no answer in time
  lost,                   // the session ended under the call: nobody knows whether it ran
  no_such_method,
  invalid,                // bad arguments
  malformed,              // not a well-formed call
  forbidden,              // the caller is known and may not
  not_logged_in,
  too_big,
  busy,                   // at its limit now; later it may work
  failed,                 // the handler failed
  cancelled,
  not_found,              // the service says that a thing is not there
  already_exists,
  out_of_range,
  data_loss,
  custom,                 // the service's own fault, with a code of its own
  header_not_understood,  // SOAP mustUnderstand
  soap_version,
};

// The status codes of gRPC, by their numbers.
enum class GrpcStatus : uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

// Exit status of a program that reports the outcome of a call is this plus the gRPC status.
inline constexpr int exit_status_base = 64;

struct ErrorRow {
  FaultKind kind;
  std::string_view name;                    // "no-such-method": shown to people, and the SOAP subcode x:NAME
  int xmlrpc;                               // fault code; 0 in the rows ok and custom, which have none of their own
  bool xmlrpc_given;                        // the code is the row's own, not derived from the gRPC status
  std::string_view soap_code;               // Sender, Receiver, MustUnderstand, VersionMismatch; empty: no cell
  std::string_view soap_subcode;            // ProcedureNotPresent or BadArguments of the SOAP RPC namespace, or empty
  std::optional<xmpp::Condition> stanza;    // the stanza error; absent where the row has none
  xmpp::ErrorType stanza_type;              // its type
  std::optional<xmpp::Condition> stanza_too;  // a second condition that reads as this row
  GrpcStatus grpc;
};

// The rows in the order in which they are searched when a cell is read.
std::span<const ErrorRow> error_table();
const ErrorRow& error_row(FaultKind kind);
std::string_view name_of(FaultKind kind);
std::optional<FaultKind> fault_kind_of(std::string_view name);

// ---- Writing ----

// The XML-RPC fault code of a kind; `own` is the service's own code, used by the rows that have none fixed.
int xmlrpc_code(FaultKind kind, int own = 0);
// What a SOAP fault holds: Code/Value, then the local name of the subcode and whether it is of the SOAP RPC namespace
// (http://www.w3.org/2003/05/soap-rpc) or of ours.
struct SoapCode {
  std::string code;
  std::string subcode;
  bool rpc_namespace = false;
  bool operator==(const SoapCode&) const = default;
};
SoapCode soap_code(FaultKind kind, int own = 0);
// The stanza error of a row that has one; the others are undefined-condition with an element in ns_call that has the
// row's name, which registries and bridges use to pass an outcome on.
xmpp::StanzaError stanza_error(FaultKind kind, std::string text = {});
GrpcStatus grpc_status(FaultKind kind);
// exit_status_base + gRPC status; 0 for ok.
int exit_status(FaultKind kind);

// ---- Reading: the code or subcode first, else the first row that has the cell ----

struct Reading {
  FaultKind kind = FaultKind::failed;
  int code = 0;  // the service's own code, with FaultKind::custom
  bool operator==(const Reading&) const = default;
};
// A code that no row has is the service's own.
Reading read_xmlrpc(int code);
// An unknown subcode is ignored.
Reading read_soap(const SoapCode& soap);
// item-not-found, gone and recipient-unavailable read as unavailable; conditions that the table does not name read as
// the nearest row, undefined-condition as failed.
Reading read_stanza(const xmpp::StanzaError& error);
// `row` is the name of the row, or "code-N", where the sender has added it as a detail; empty without.
Reading read_grpc(GrpcStatus status, std::string_view row = {});

// The subcode of a service's own fault N, "code-N", and back.
std::string own_code_name(int code);
std::optional<int> own_code_of(std::string_view name);

}  // namespace xbus
