#include "services/xbus/terminal.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace xbus::cli {
namespace {

// A terminal of 33 columns, as a person's, closed at the end.
struct Pty {
  Pty() {
    const winsize size{24, 33, 0, 0};
    ::openpty(&master, &slave, nullptr, nullptr, &size);
  }
  ~Pty() {
    ::close(master);
    ::close(slave);
  }
  int master = -1, slave = -1;
};

TEST(Terminal, a_pipe_is_no_person) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Terminal found = Terminal::of(ends[1]);
  EXPECT_FALSE(found.person);
  EXPECT_FALSE(found.colour);
  EXPECT_EQ(found.bold("x"), "x");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Terminal, a_person_gets_colour_unless_they_say_otherwise) {
  const Pty pty;
  ::unsetenv("COLUMNS");
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  const Terminal found = Terminal::of(pty.slave);
  EXPECT_TRUE(found.person);
  EXPECT_TRUE(found.colour);
  EXPECT_EQ(found.width, 33u);
  EXPECT_EQ(found.bold("x"), "\x1b[1mx\x1b[0m");
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(Terminal::of(pty.slave).colour);
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(Terminal::of(pty.slave).colour);
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(Terminal::of(pty.slave).colour);
  EXPECT_TRUE(Terminal::of(pty.slave).person);
}

}  // namespace
}  // namespace xbus::cli
