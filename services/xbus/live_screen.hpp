// A terminal that is written over again and again, and left as it was.
#pragma once
#include <termios.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bus/net/io_loop.hpp"

namespace xbus::cli {

// On standard output, keys from standard input. Until begin() nothing is touched; end() puts everything
// back and lets go of the loop; the destructor puts the terminal back when the loop has gone before.
class LiveScreen {
 public:
  LiveScreen();
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Takes the other page of the terminal, hides the cursor, and calls `on_key` with each key
  // pressed while `loop` runs. Ctrl-C stays a signal.
  void begin(net::IoLoop& loop, std::function<void(char)> on_key);
  void end();

  // Shows these lines in place of what was shown, as many as fit. The text is safe on a terminal.
  void show(std::string_view text);

 private:
  class Keys;
  void restore();
  bool begun_ = false, quiet_ = false;
  termios before_{};
  net::IoLoop* loop_ = nullptr;
  std::unique_ptr<Keys> keys_;
};

}  // namespace xbus::cli
