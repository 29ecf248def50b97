// Pieces: what calls and answers larger than one stanza look like on the wire, in the namespace urn:xbus:pieces:0.
//
//   iq set <piece id='X' seq='0' for='call' size='5000000'>BASE64</piece>   the first: answered before the next is sent
//   iq set <piece id='X' seq='1'>BASE64</piece>                             and so on, a few under way at a time
//   iq set <whole id='X' deadline='8123'/>       stands for the <query/> that the pieces are the XML of; likewise in an
//                                                iq of type result (for='answer') and in <notify/>
//   message <drop id='X'/>                       no more will come
//
// Only between peers that have the feature. Errors of a piece: forbidden (no call is expected from you, no answer from
// you), policy-violation (above limits::message_bytes_max), resource-constraint (too much is held already),
// item-not-found (no such message), unexpected-request (not the next piece), bad-request (anything else). After any of
// them the message is forgotten.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"

namespace xbus::pieces {

// The namespace, and the feature in disco#info of an entity that reads it.
inline constexpr std::string_view ns = "urn:xbus:pieces:0";

enum class Kind : uint8_t { call, answer };

struct Piece {
  std::string id;
  uint64_t seq = 0;
  Kind kind = Kind::call;  // of the first
  uint64_t size = 0;       // of the whole, in bytes before base64; of the first
  std::string bytes;
  bool operator==(const Piece&) const = default;
};

xml::Element to_element(const Piece& piece);
// nullopt when it is not as it should be: no id or a long one, no number, no base64, no bytes or more than
// limits::piece_bytes_max.
std::optional<Piece> piece_from(const xml::Element& element);

struct Whole {
  std::string id;
  std::optional<Duration> deadline;  // time left, of a call
};
xml::Element to_element(const Whole& whole);
std::optional<Whole> whole_from(const xml::Element& element);

xml::Element drop(const std::string& id);

}  // namespace xbus::pieces
