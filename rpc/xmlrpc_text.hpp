// How XML-RPC spells its scalars as text (the specification with its updates of 1999 and 2003; RPC-13 to RPC-16).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/value.hpp"

namespace xbus::xmlrpc {

// Sign allowed, leading zeros collapse, no white space; nullopt outside the type (RPC-13).
std::optional<int32_t> read_int(std::string_view text);
std::optional<int64_t> read_i8(std::string_view text);

// Sign, digits, point, digits; an exponent is read, never written; no INF and NaN, no white space (RPC-14). Reads back
// as the same double.
std::string write_double(double value);
std::optional<double> read_double(std::string_view text);

// YYYYMMDDTHH:MM:SS, UTC (RPC-16). Years 1 to 9999, else nullopt. Microseconds are cut off, or follow as a fraction.
enum class Fraction : uint8_t { cut, kept };
std::optional<std::string> write_time(Timestamp time, Fraction fraction);
// That form, and the one of xs:dateTime, YYYY-MM-DDTHH:MM:SS; either with or without a fraction and a zone (Z or
// +hh:mm); without a zone it is UTC. Digits beyond microseconds are cut off.
std::optional<Timestamp> read_time(std::string_view text);

// Base64 with padding; when reading, white space anywhere is passed over.
std::string write_bytes(const Bytes& bytes);
std::optional<Bytes> read_bytes(std::string_view text);

// A-Z a-z 0-9 _ . : / and at least one of them (RPC-10).
bool is_method_name(std::string_view name);

}  // namespace xbus::xmlrpc
