// Pieces on the wire: read as they were written.
#include "rpc/pieces.hpp"

#include <gtest/gtest.h>

#include "bus/limits.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using pieces::Kind;
using pieces::Piece;

TEST(Pieces, are_read_as_they_were_written) {
  for (const Piece& piece : {Piece{"i", 0, Kind::call, 7, "seven b"}, Piece{"i", 0, Kind::answer, 70, std::string("\0\xff", 2)},
                             Piece{"i", 12, Kind::call, 0, "x"}, Piece{"i", 1, Kind::call, 0, std::string(limits::piece_bytes_max, 'x')}}) {
    const auto text = xml::write(pieces::to_element(piece));
    EXPECT_EQ(pieces::piece_from(*xml::parse(text, {}, {.stanza_bytes_max = limits::stanza_bytes_assumed})), piece);
    EXPECT_LT(text.size() + 1024, limits::stanza_bytes_assumed);
  }
  const auto whole = pieces::whole_from(pieces::to_element(pieces::Whole{"i", 1500ms}));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->deadline, 1500ms);
  EXPECT_FALSE(pieces::whole_from(pieces::to_element(pieces::Whole{"i", {}}))->deadline);
  EXPECT_EQ(pieces::whole_from(xml::Element("whole", pieces::ns).set("id", "i").set("deadline", "99999999999999"))->deadline,
            limits::call_time_max);
  EXPECT_FALSE(pieces::whole_from(xml::Element("whole", pieces::ns).set("id", "i").set("deadline", "soon")));
}

}  // namespace
}  // namespace xbus
