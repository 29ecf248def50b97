#include "bus/xmpp/precis_script.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp::precis {
namespace {

TEST(PrecisScript, one_alphabet_with_digits_marks_and_accents_is_one) {
  for (const char* name : {"", "calc", "billing.invoices-2", "caf\u00E9", "re\u0301sume\u0301", "\u043A\u0430\u0441\u0441\u0430-1",
                           "\u03BB\u03CC\u03B3\u03BF\u03C2", "\u96FB\u5353", "db\u30C7\u30FC\u30BF", "\uACC4\uC0B0calc"})
    EXPECT_FALSE(mixes_scripts(name)) << name;
}

TEST(PrecisScript, letters_that_pass_for_others_are_seen_beside_them) {
  for (const char* name : {"c\u0430lc",        // Cyrillic a
                           "calc\u03BF",       // Greek omicron
                           "\u13A0gent",       // Cherokee
                           "\u0430g\u0435nt"})
    EXPECT_TRUE(mixes_scripts(name)) << name;
}

TEST(PrecisScript, what_is_no_text_is_not_judged) { EXPECT_FALSE(mixes_scripts("a\xFF\xD0")); }

}  // namespace
}  // namespace xbus::xmpp::precis
